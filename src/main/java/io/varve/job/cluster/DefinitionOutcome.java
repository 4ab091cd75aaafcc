package io.varve.job.cluster;

import java.util.List;

/**
 * How a run of a definition ended.
 *
 * @param volumes by name
 * @param unsupported claims that cannot be backed up, each with its reason
 * @param skipped claims that a policy leaves out
 * @param swept objects of earlier runs that were removed
 * @param warnings of the run as a whole
 */
public record DefinitionOutcome(
        String definition,
        List<VolumeResult> volumes,
        List<Unsupported> unsupported,
        List<String> skipped,
        List<String> swept,
        List<String> warnings) {

    /** A claim, as {@code NAMESPACE/NAME}. */
    public record Unsupported(String claim, String reason) {}
}
