package io.varve.mover.block;

/**
 * Why a backup is full. A fallback that nobody asked for is a warning: it would hide a broken
 * chain.
 */
public enum FullReason {
    REQUESTED("it was asked for", false),
    FIRST_BACKUP("the volume has no earlier backup", false),
    PARENT_MISSING("the parent does not exist", true),
    PARENT_OF_OTHER_VOLUME("the parent is a backup of another volume", true),
    PARENT_UNREADABLE("the parent's manifest or block table cannot be read", true),
    CHANGE_ID_MISSING("it is not known what the changed blocks count from", true),
    CHANGE_ID_MISMATCH("the changed blocks count from another point in time than the parent", true),
    TRACKING_UNAVAILABLE("the storage does not track changes", true),
    TRACKING_FAILED("the storage could not tell the changes", true),
    TRACKING_WRONG("the storage did not tell all changes", true),
    TRACKING_DISTRUSTED("an earlier backup found that the storage does not tell all changes", true);

    private final String text;
    private final boolean warning;

    FullReason(String text, boolean warning) {
        this.text = text;
        this.warning = warning;
    }

    /** The reason in words, as the end of "full, because …". */
    public String text() {
        return text;
    }

    /** Whether it is a fallback that somebody should look into. */
    public boolean isWarning() {
        return warning;
    }
}
