package io.varve.job.definition;

/**
 * Something in a definition that somebody has to change.
 *
 * @param file as it was named
 * @param line from 1
 * @param column from 1
 * @param field path such as {@code volumes[0].namespaces}; empty for the whole file
 * @param message what was found and what is expected
 */
public record Problem(String file, int line, int column, String field, String message) {

    /** As compilers print it, so that editors find the place. */
    @Override
    public String toString() {
        return "%s:%d:%d: %s%s"
                .formatted(file, line, column, field.isEmpty() ? "" : field + ": ", message);
    }
}
