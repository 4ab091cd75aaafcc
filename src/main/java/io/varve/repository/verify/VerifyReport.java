package io.varve.repository.verify;

import io.varve.repository.content.DamageException;
import java.util.List;

/**
 * What a verification found.
 *
 * @param backups how many were looked at
 * @param contentsChecked how many contents were resolved; one that several backups share may count
 *     more than once
 * @param bytesRead plain bytes that were decrypted and hashed
 * @param damaged empty if all is well
 */
public record VerifyReport(
        int backups, long contentsChecked, long bytesRead, List<Damaged> damaged) {

    /**
     * One damaged place.
     *
     * @param backupId the backup that it touches; empty if it is no single one's
     * @param offset of the damaged bytes in the volume or file
     * @param length of the damaged bytes; 0 if it is no range of a volume or file
     * @param contentId empty if a whole blob is damaged
     * @param blob empty if no index says where the content lies
     * @param problem what was found; where there is a blob, with the offset in it
     */
    public record Damaged(
            String backupId,
            long offset,
            long length,
            String contentId,
            String blob,
            String problem) {

        static Damaged of(String backupId, long offset, long length, DamageException e) {
            DamageException.Damage damage = e.damage();
            return new Damaged(
                    backupId,
                    offset,
                    length,
                    damage.content().orElse(""),
                    damage.blob().orElse(""),
                    damage.blob().isEmpty()
                            ? damage.problem()
                            : "at byte %d of the blob: %s"
                                    .formatted(damage.blobOffset(), damage.problem()));
        }
    }

    public VerifyReport {
        damaged = List.copyOf(damaged);
    }

    /** The report on a repository that damage keeps from being opened at all. */
    public static VerifyReport of(DamageException e) {
        return new VerifyReport(0, 0, 0, List.of(Damaged.of("", 0, 0, e)));
    }

    /** Whether nothing damaged was found. */
    public boolean isClean() {
        return damaged.isEmpty();
    }
}
