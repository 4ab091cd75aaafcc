package io.varve.mover.block;

import java.util.List;
import java.util.stream.Stream;

/**
 * A backup that is in the repository, whole.
 *
 * @param writtenBytes what its run added to the repository, after compression and encryption
 * @param readBytes what this process read of the source
 * @param plan as it was carried out: a parent that vanished makes a full backup of an incremental
 */
public record PublishedBackup(
        String backupId,
        ByteAccount account,
        long writtenBytes,
        long readBytes,
        BackupPlan plan,
        List<String> warnings) {

    /** The same, of which more is known: what another process read, and what people should know. */
    public PublishedBackup with(long bytes, List<String> moreWarnings) {
        List<String> all = Stream.concat(warnings.stream(), moreWarnings.stream()).toList();
        return new PublishedBackup(backupId, account, writtenBytes, bytes, plan, all);
    }
}
