package io.varve.cbt.csi;

import java.util.List;

/** What of a volume must be read, as far as its storage could tell, and why it is not less. */
public sealed interface TrackedBlocks {

    /** What the storage did not answer on the way here; a warning each. */
    List<TrackingException> failures();

    /** Only what changed. */
    record Changed(ReportedBlocks blocks) implements TrackedBlocks {
        @Override
        public List<TrackingException> failures() {
            return List.of();
        }
    }

    /** All that may hold data. */
    record Allocated(ReportedBlocks blocks, List<TrackingException> failures)
            implements TrackedBlocks {
        public Allocated {
            failures = List.copyOf(failures);
        }
    }

    /** Every block. */
    record Unknown(List<TrackingException> failures) implements TrackedBlocks {
        public Unknown {
            failures = List.copyOf(failures);
        }
    }
}
