package io.varve.kube.api;

/** What an object is for; its label {@code varve.io/role}. Persisted. */
public enum Role {
    /** The VolumeSnapshot in the claim's namespace, and its content. */
    SOURCE_SNAPSHOT("source-snapshot"),
    /** The pair in Varve's namespace. */
    SNAPSHOT("snapshot"),
    /** The same pair, once it stays as a base. */
    BASE("base"),
    JOURNAL("journal"),
    CLAIM("claim"),
    /** A Secret or ConfigMap beside the temporary claim. */
    COPY("copy"),
    MOVER("mover"),
    /** A content that was built to delete a handle. */
    FREED("freed");

    private final String text;

    Role(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
