package io.varve.cli;

/** How lines on standard error look. */
public enum LogFormat {
    TEXT,
    /** One JSON object a line. */
    JSON;

    private static volatile LogFormat chosen = TEXT;

    /** Takes this one for the whole process. Too late once there is a logger. */
    void choose() {
        chosen = this;
    }

    /** The one of this process. */
    public static LogFormat chosen() {
        return chosen;
    }
}
