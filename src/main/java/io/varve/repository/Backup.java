package io.varve.repository;

import io.varve.format.manifest.SnapshotManifest;
import io.varve.repository.content.DamageException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * One published backup: a snapshot manifest of this program, of Velero or of kopia.
 *
 * @param id of the manifest, 32 hex digits
 */
public record Backup(String id, SnapshotManifest manifest) {

    /** Length of a block, in bytes (format, 7.4). */
    public static final long BLOCK_BYTES = 1 << 20;

    private static final String LOCAL_PATH = "/varve/local/";
    private static final String CLUSTER_PATH = "/varve/";

    /** Whether it holds one volume, block by block, as this program and Velero's block mover do. */
    public boolean isBlock() {
        return isVarve() || BackupTags.VELERO_UPLOADER.equals(tags().get(BackupTags.UPLOADER));
    }

    /** Whether this program wrote it. */
    public boolean isVarve() {
        return BackupTags.VARVE.equals(tags().get(BackupTags.UPLOADER));
    }

    /**
     * Whether it is only a part: a checkpoint that keeps contents alive until a run is published.
     */
    public boolean isIncomplete() {
        return !manifest.incomplete().isEmpty();
    }

    /** The volume's name; for others' backups the source's path. */
    public String volume() {
        String path = manifest.source().path();
        if (isVarve() && path.startsWith(LOCAL_PATH)) {
            return path.substring(LOCAL_PATH.length());
        }
        return isVarve() && path.startsWith(CLUSTER_PATH)
                ? path.substring(CLUSTER_PATH.length())
                : path;
    }

    /**
     * Path of the source of a volume.
     *
     * @param volume a name without slashes for a local device; {@code cluster/namespace/claim} for
     *     a claim, of a cluster that is not called {@code local}
     */
    public static String pathOf(String volume) {
        return (volume.indexOf('/') < 0 ? LOCAL_PATH : CLUSTER_PATH) + volume;
    }

    /**
     * Refuses a block backup that does not tell how large its volume is: to restore nothing of it
     * would look like success. Backups that a repository hands out have passed.
     */
    public void checkSize() throws DamageException {
        if (isBlock() && volumeBytes() <= 0) {
            throw DamageException.ofManifest(
                    id,
                    "neither the tag %s ('%s') nor its stats (%d bytes) tell the volume's size"
                            .formatted(
                                    BackupTags.SOURCE_SIZE,
                                    tags().getOrDefault(BackupTags.SOURCE_SIZE, ""),
                                    manifest.stats().totalSize()));
        }
    }

    /** Length of a block backup's volume object: whole blocks of 1 MiB, the last one padded. */
    public long paddedBytes() {
        return Math.ceilDiv(volumeBytes(), BLOCK_BYTES) * BLOCK_BYTES;
    }

    /** Real size in bytes. Of a file tree: the sum of its files. */
    public long volumeBytes() {
        String size = tags().getOrDefault(BackupTags.SOURCE_SIZE, "");
        return number(size).orElse(manifest.stats().totalSize());
    }

    /** The point in time that later changes count from; empty where there was no tracking. */
    public Optional<String> changeId() {
        return tag(BackupTags.CHANGE_ID);
    }

    /** The storage's id of the volume. */
    public Optional<String> volumeId() {
        return tag(BackupTags.VOLUME_ID);
    }

    /** The backup it was built on, if it is an incremental of ours. */
    public Optional<String> parentId() {
        return tag(BackupTags.PARENT);
    }

    /** {@code FULL} or {@code INCREMENTAL}; empty if its writer does not tell. */
    public Optional<String> type() {
        return tag(BackupTags.TYPE);
    }

    /** Plain bytes that its run stored, if its writer tells. */
    public Optional<Long> storedBytes() {
        return number(tags().getOrDefault(BackupTags.STORED_BYTES, ""));
    }

    /**
     * How many backups were made since one read every block, if that is known: 0 if this one did.
     */
    public Optional<Long> sinceWhole() {
        return number(tags().getOrDefault(BackupTags.SINCE_WHOLE, ""));
    }

    /** When the data was as it is here: what "newest" goes by. */
    public Instant startTime() {
        return manifest.startTime();
    }

    /** All tags. */
    public Map<String, String> tags() {
        return manifest.tags();
    }

    /** A tag's value, if it is there and not empty. */
    public Optional<String> tag(String name) {
        return Optional.ofNullable(tags().get(name)).filter(value -> !value.isEmpty());
    }

    private static Optional<Long> number(String text) {
        return text.matches("[0-9]{1,18}") ? Optional.of(Long.parseLong(text)) : Optional.empty();
    }
}
