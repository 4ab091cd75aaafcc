package io.varve.job.cluster;

import io.varve.job.BackupOutcome;
import io.varve.mover.block.BackupType;

/** What became of one claim of a definition. */
public sealed interface VolumeResult {

    /** Name of the volume in the repository. */
    String volume();

    /** It ran, to whatever end. */
    record Ran(BackupOutcome outcome) implements VolumeResult {
        @Override
        public String volume() {
            return outcome.volume();
        }
    }

    /** It did not come to a plan. */
    record Failed(String volume, BackupType requested, Throwable failure) implements VolumeResult {}

    /** An earlier pod of the same Kubernetes Job made its backup. */
    record Already(String volume, BackupType requested, String backupId) implements VolumeResult {}
}
