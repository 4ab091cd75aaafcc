package io.varve.catalog;

/**
 * What a lease is of: one kind of work on one volume of one repository. A preview has that of the
 * restore: while either runs, the other one does not.
 *
 * @param volume of a restore: its target, with the host where hosts share the database
 */
public record LeaseName(Run.Kind kind, String repositoryId, String volume) {

    public LeaseName {
        kind = kind == Run.Kind.PREVIEW ? Run.Kind.RESTORE : kind;
    }

    /** What a run works on. */
    public static LeaseName of(Run run) {
        return new LeaseName(run.kind(), run.repositoryId(), run.volume());
    }

    /** As people are told: {@code backup of data}. */
    @Override
    public String toString() {
        return switch (kind) {
            case BACKUP -> "backup of " + volume;
            case RESTORE, PREVIEW -> "restore to " + volume;
            case DELETE -> "deletion of backups of " + volume;
        };
    }
}
