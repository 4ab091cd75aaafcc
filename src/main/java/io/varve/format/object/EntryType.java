package io.varve.format.object;

/** What an entry of a directory is. */
public enum EntryType {
    FILE("f"),
    DIRECTORY("d"),
    /** Its object's bytes are the link's target. */
    SYMLINK("s"),
    /** Anything else. Nobody can restore it; never written. */
    UNKNOWN("");

    private final String text;

    EntryType(String text) {
        this.text = text;
    }

    /** The letter in JSON. */
    String text() {
        return text;
    }

    static EntryType named(String text) {
        for (EntryType type : values()) {
            if (type.text.equals(text)) {
                return type;
            }
        }
        return UNKNOWN;
    }
}
