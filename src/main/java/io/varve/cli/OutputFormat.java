package io.varve.cli;

/** How a command prints its result. */
enum OutputFormat {
    /** For people. */
    TABLE,
    /** One JSON document on one line: plain bytes, RFC 3339 times. */
    JSON
}
