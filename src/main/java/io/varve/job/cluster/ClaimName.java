package io.varve.job.cluster;

/** A claim, as people name it. */
public record ClaimName(String namespace, String name) {

    /**
     * @param text {@code NAMESPACE/NAME}
     * @throws IllegalArgumentException if it is not of this form
     */
    public static ClaimName parse(String text) {
        String[] parts = text.split("/", -1);
        if (parts.length != 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
            throw new IllegalArgumentException(
                    "'%s' is no claim; it must be NAMESPACE/NAME".formatted(text));
        }
        return new ClaimName(parts[0], parts[1]);
    }

    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
