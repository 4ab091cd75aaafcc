package io.varve.repository;

/**
 * Names of the tags in which a block backup carries what its data alone does not tell. They are
 * persisted: docs/decisions/0002-identity-of-a-backup.md.
 */
public final class BackupTags {

    /** Real size of the volume in bytes, decimal. The first six are Velero's (format, 7.4). */
    public static final String SOURCE_SIZE = "bdev-source-size";

    /** Point in time that the storage computes later changes from; may be empty. */
    public static final String CHANGE_ID = "cbt-change-id";

    /** The storage's id of the volume; may be empty. */
    public static final String VOLUME_ID = "cbt-volume-id";

    public static final String UPLOADER = "snapshot-uploader";
    public static final String REQUESTER = "snapshot-requester";
    public static final String OPERATION = "velero.io/async-operation-id";

    /** Version of the tags below. */
    public static final String FORMAT = "varve-format";

    /** {@code FULL} or {@code INCREMENTAL}. */
    public static final String TYPE = "varve-type";

    /** What was asked for: {@code FULL} or {@code INCREMENTAL}. */
    public static final String REQUESTED_TYPE = "varve-requested-type";

    /** Why a backup is full; empty for an incremental one. */
    public static final String REASON = "varve-reason";

    /** Id of the backup that unchanged blocks were taken over from; empty for a full one. */
    public static final String PARENT = "varve-parent";

    /** What names the storage's snapshot; empty where there was none. */
    public static final String SNAPSHOT_HANDLE = "varve-snapshot-handle";

    /** What frees the storage's snapshot, JSON; only where there was one. */
    public static final String SNAPSHOT = "varve-snapshot";

    /** The claim as it was, JSON; only of backups of claims. */
    public static final String CLAIM = "varve-claim";

    /** Plain bytes that this run stored, decimal. */
    public static final String STORED_BYTES = "varve-stored-bytes";

    /** Id of the run. */
    public static final String RUN = "varve-run";

    /** The other four counters of the byte account, decimal, joined by commas. */
    public static final String ACCOUNT = "varve-account";

    /** How the source was read: {@code direct}, or why not. */
    public static final String IO = "varve-io";

    /**
     * How many backups, this one included, were made since one read every block, decimal: 0 if this
     * one did; empty if that is not known. Only of backups of claims.
     */
    public static final String SINCE_WHOLE = "varve-since-whole";

    /** That the storage left changes out, and what is known of it; only until that is mended. */
    public static final String FAULT = "varve-tracking-fault";

    /** Value of {@link #UPLOADER} in Velero's own block backups. */
    public static final String VELERO_UPLOADER = "velero-block";

    /** Value of {@link #UPLOADER} and {@link #REQUESTER} in ours. */
    public static final String VARVE = "varve";

    private BackupTags() {}
}
