package io.varve.cbt.csi;

import io.varve.volume.BlockBitmap;
import java.util.List;
import java.util.OptionalLong;

/**
 * A whole answer of a metadata service.
 *
 * @param blocks every block that a range touches, also where the volume is shorter than the service
 *     says
 * @param capacityBytes of the volume as the service says it; unknown if the answer has no range
 * @param ranges how many it took, empty ones not counted
 * @param calls how often it was asked, the last time for what may follow the end
 * @param warnings for who runs the driver
 */
public record ReportedBlocks(
        BlockBitmap blocks,
        OptionalLong capacityBytes,
        long ranges,
        int calls,
        List<String> warnings) {

    public ReportedBlocks {
        warnings = List.copyOf(warnings);
    }
}
