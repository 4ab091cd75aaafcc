package io.varve.cli;

/** How lines on standard error look. */
public enum LogFormat {
    TEXT,
    /** One JSON object a line. */
    JSON
}
