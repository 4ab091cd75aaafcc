package io.varve.job.definition;

import java.util.List;

/**
 * Claims that a definition means. An empty list restricts nothing.
 *
 * @param names with {@code *} and {@code ?}
 */
public record VolumeSelection(
        List<String> namespaces,
        List<String> names,
        List<String> storageClasses,
        LabelSelector labels) {}
