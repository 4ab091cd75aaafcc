package io.varve.catalog;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * One backup, restore, preview or deletion of one volume from its start to its end, over all
 * executions it takes. Times are cut to microseconds, as databases keep them.
 *
 * @param id at most 64 characters
 * @param repositoryId the repository's uniqueID
 * @param volume the volume's name; of a restore its target
 * @param fingerprint SHA-256 in hex of what the run works on: a run resumes only if it is the same
 * @param request what was asked for, JSON
 * @param plan what was decided, JSON; absent until planned. The blocks: {@link Runs#blocks}
 * @param finishedAt when it was completed or abandoned
 * @param backupId the backup that was written or restored; of a deletion: the first one
 * @param result the account of every byte, JSON
 */
public record Run(
        String id,
        Kind kind,
        String repositoryId,
        String volume,
        String fingerprint,
        String request,
        Optional<String> plan,
        Status status,
        Instant createdAt,
        Optional<Instant> finishedAt,
        Optional<String> backupId,
        Optional<String> result,
        List<String> warnings) {

    /** What a run does. Names are persisted. */
    public enum Kind {
        BACKUP,
        RESTORE,
        /** Of backups of one volume. */
        DELETE,
        /** Says what a restore would write, and writes nothing; it is never resumed. */
        PREVIEW
    }

    /**
     * How far a run has come; see {@link #unfinished()}. Names are persisted.
     *
     * <pre>
     * RUNNING ─► PUBLISHED ─► COMPLETED
     *    │  └───────────────────► ▲        a restore publishes nothing
     *    └────► ABANDONED ◄─ PUBLISHED
     * </pre>
     */
    public enum Status {
        /** Begun, whether or not a process works on it now. */
        RUNNING,
        /** The backup is in the repository; what remains is cleaning up. */
        PUBLISHED,
        COMPLETED,
        /** Never to be resumed. */
        ABANDONED;

        /** Whether a relaunch continues it. */
        public boolean unfinished() {
            return this == RUNNING || this == PUBLISHED;
        }
    }

    public Run {
        if (id.isEmpty() || id.length() > 64) {
            throw new IllegalArgumentException("run id '%s' is not 1 to 64 long".formatted(id));
        }
        if (!fingerprint.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException(
                    "run %s: fingerprint '%s' is no SHA-256 in hex".formatted(id, fingerprint));
        }
        if (finishedAt.isPresent() == status.unfinished()) {
            throw new IllegalArgumentException(
                    "run %s: %s, finished at %s".formatted(id, status, finishedAt));
        }
        createdAt = createdAt.truncatedTo(ChronoUnit.MICROS);
        finishedAt = finishedAt.map(time -> time.truncatedTo(ChronoUnit.MICROS));
        warnings = List.copyOf(warnings);
    }

    /** What identifies the work of a run: what it does, and to what. */
    public record Work(Kind kind, String repositoryId, String volume, String fingerprint) {}

    /** A run that has just begun. */
    public static Run started(String id, Work work, String request, Instant now) {
        return new Run(
                id,
                work.kind(),
                work.repositoryId(),
                work.volume(),
                work.fingerprint(),
                request,
                Optional.empty(),
                Status.RUNNING,
                now,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                List.of());
    }

    /** This run once its backup is in the repository. */
    public Run published(String backupId, String result, List<String> warnings) {
        return ended(
                Status.PUBLISHED,
                Optional.empty(),
                Optional.of(backupId),
                Optional.of(result),
                warnings);
    }

    /** This run once nothing remains to be done. Warnings are all of the run's. */
    public Run completed(String backupId, String result, List<String> warnings, Instant now) {
        return ended(
                Status.COMPLETED,
                Optional.of(now),
                Optional.of(backupId),
                Optional.of(result),
                warnings);
    }

    /** This run once it is given up. Warnings are all of the run's. */
    public Run abandoned(List<String> warnings, Instant now) {
        return ended(Status.ABANDONED, Optional.of(now), backupId, result, warnings);
    }

    private Run ended(
            Status newStatus,
            Optional<Instant> newFinishedAt,
            Optional<String> newBackupId,
            Optional<String> newResult,
            List<String> newWarnings) {
        if (!status.unfinished()) {
            throw new IllegalStateException(
                    "run %s is %s and cannot become %s".formatted(id, status, newStatus));
        }
        return new Run(
                id,
                kind,
                repositoryId,
                volume,
                fingerprint,
                request,
                plan,
                newStatus,
                createdAt,
                newFinishedAt,
                newBackupId,
                newResult,
                newWarnings);
    }
}
