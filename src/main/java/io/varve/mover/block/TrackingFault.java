package io.varve.mover.block;

import static io.varve.volume.BlockBitmap.BLOCK_BYTES;

import io.varve.repository.Backup;
import io.varve.repository.BackupTags;
import io.varve.repository.Repository;
import io.varve.repository.content.DamageException;
import io.varve.volume.BlockBitmap;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * That a storage left changes out: blocks differ from the parent where it told no change. Each
 * later backup of the volume carries it, too, until somebody confirms that it is mended.
 *
 * @param backupId of the backup that found it
 * @param blocks how many, at least 1
 * @param offsets of the first ten of them, in bytes
 * @param since start of the oldest backup that may lack changes; empty if no earlier one may
 */
public record TrackingFault(
        String backupId, long blocks, List<Long> offsets, Optional<Instant> since) {

    private static final int OFFSETS = 10;

    public TrackingFault {
        offsets = List.copyOf(offsets);
    }

    static TrackingFault found(String backupId, BlockBitmap untold, Optional<Instant> since) {
        long blocks = untold.cardinality();
        return new TrackingFault(
                backupId,
                blocks,
                LongStream.range(0, Math.min(OFFSETS, blocks))
                        .mapToObj(rank -> untold.select(rank) * BLOCK_BYTES)
                        .toList(),
                since);
    }

    /** What the newest backup of the volume of this one carries. */
    public static Optional<TrackingFault> ofVolumeOf(Repository repository, Backup backup)
            throws IOException {
        return ofVolume(repository, backup.volume(), backup.volumeId());
    }

    static Optional<TrackingFault> ofVolume(
            Repository repository, String volume, Optional<String> volumeId) throws IOException {
        Optional<Backup> newest =
                repository.backups().list().stream()
                        .filter(backup -> ParentChooser.isOf(volume, backup))
                        .filter(backup -> backup.volumeId().equals(volumeId))
                        .findFirst();
        return newest.isEmpty() ? Optional.empty() : of(newest.get());
    }

    /**
     * What a backup carries of it; empty if nothing.
     *
     * @throws DamageException if it carries something else
     */
    static Optional<TrackingFault> of(Backup backup) throws DamageException {
        Optional<String> tag = backup.tag(BackupTags.FAULT);
        Optional<TrackingFault> fault = tag.flatMap(TrackingFault::read);
        if (tag.isPresent() && fault.isEmpty()) {
            throw DamageException.ofManifest(
                    backup.id(),
                    "its tag %s ('%s') is not understood".formatted(BackupTags.FAULT, tag.get()));
        }
        return fault;
    }

    /** Of the text of a tag; empty if it is something else. */
    public static Optional<TrackingFault> read(String tag) {
        if (!tag.matches("[0-9a-f]{32},[0-9]{1,10},[^,]*(,[0-9]{1,18})+")) {
            return Optional.empty();
        }
        String[] parts = tag.split(",");
        try {
            return Optional.of(
                    new TrackingFault(
                            parts[0],
                            Long.parseLong(parts[1]),
                            Arrays.stream(parts).skip(3).map(Long::valueOf).toList(),
                            parts[2].isEmpty()
                                    ? Optional.empty()
                                    : Optional.of(Instant.parse(parts[2]))));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /** Backup, number of blocks, since, and offsets, joined by commas. */
    String toTag() {
        return "%s,%d,%s,%s"
                .formatted(
                        backupId,
                        blocks,
                        since.map(Instant::toString).orElse(""),
                        offsets.stream().map(String::valueOf).collect(Collectors.joining(",")));
    }

    /** What was found, and what it says of other backups. */
    public String text() {
        return "blocks that differ from the parent though the storage told no change there: %d, at byte %s%s; %s"
                .formatted(
                        blocks,
                        offsets.stream().map(String::valueOf).collect(Collectors.joining(", ")),
                        blocks > offsets.size() ? ", …" : "",
                        since.map(
                                        time ->
                                                "backups of the volume since %s may lack changes"
                                                        .formatted(time))
                                .orElse("no earlier backup is concerned"));
    }

    /** How it ends. */
    String remedy() {
        return "every block is read until trackingTrusted in the definition names %s"
                .formatted(backupId);
    }
}
