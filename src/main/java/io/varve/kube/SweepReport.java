package io.varve.kube;

import java.util.List;

/**
 * What a sweep found. An object is named {@code Kind namespace/name}.
 *
 * @param deleted of ended runs of this installation
 * @param left of others, or of runs that nobody knows, each with the reason
 * @param failed could not be deleted now, each with the reason; the next sweep tries again
 */
public record SweepReport(List<Finding> deleted, List<Finding> left, List<Finding> failed) {

    public record Finding(String object, String run, String reason) {}
}
