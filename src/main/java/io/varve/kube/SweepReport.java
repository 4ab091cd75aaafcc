package io.varve.kube;

import java.util.List;

/**
 * What a sweep found. An object is named {@code Kind namespace/name}.
 *
 * @param deleted of ended runs of this installation
 * @param left of this installation and of no run that is known to have ended, each with the reason
 * @param foreign of other installations
 * @param failed could not be deleted now, each with the reason; the next sweep tries again
 */
public record SweepReport(
        List<Finding> deleted, List<Finding> left, List<Finding> foreign, List<Finding> failed) {

    public SweepReport {
        deleted = List.copyOf(deleted);
        left = List.copyOf(left);
        foreign = List.copyOf(foreign);
        failed = List.copyOf(failed);
    }

    public record Finding(String object, String run, String reason) {}
}
