package io.varve.repository.verify;

import io.varve.repository.content.DamageException;
import java.io.IOException;
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

        /** Damage that concerns no single content and no part of a volume. */
        static Damaged of(String backupId, IOException e) {
            return new Damaged(backupId, 0, 0, "", "", "").because(e);
        }

        static Damaged ofBlob(String blob, IOException e) {
            return new Damaged("", 0, 0, "", blob, "").because(e);
        }

        /**
         * @param blob empty if no index says where the content lies
         */
        static Damaged ofContent(String contentId, String blob, IOException e) {
            return new Damaged("", 0, 0, contentId, blob, "").because(e);
        }

        /** The same damage, where it touches a backup. */
        Damaged in(String backup, long start, long bytes) {
            return new Damaged(backup, start, bytes, contentId, blob, problem);
        }

        /** What the exception knows better is taken from it. */
        private Damaged because(IOException e) {
            if (!(e instanceof DamageException known)) {
                String message = e.getMessage();
                return with(
                        contentId, blob, message == null ? e.getClass().getSimpleName() : message);
            }
            DamageException.Damage damage = known.damage();
            return with(
                    damage.content().orElse(contentId),
                    damage.blob().orElse(blob),
                    damage.blob().isPresent()
                            ? "at byte %d of the blob: %s"
                                    .formatted(damage.blobOffset(), damage.problem())
                            : damage.problem());
        }

        private Damaged with(String otherContentId, String otherBlob, String otherProblem) {
            return new Damaged(backupId, offset, length, otherContentId, otherBlob, otherProblem);
        }
    }

    public VerifyReport {
        damaged = List.copyOf(damaged);
    }

    /** The report on a repository that damage keeps from being opened at all. */
    public static VerifyReport of(DamageException e) {
        return new VerifyReport(0, 0, 0, List.of(Damaged.of("", e)));
    }

    /** Whether nothing damaged was found. */
    public boolean isClean() {
        return damaged.isEmpty();
    }
}
