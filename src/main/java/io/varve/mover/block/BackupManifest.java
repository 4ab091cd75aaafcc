package io.varve.mover.block;

import io.varve.format.ObjectId;
import io.varve.format.json.Rfc3339;
import io.varve.format.manifest.SnapshotManifest;
import io.varve.format.manifest.SnapshotSource;
import io.varve.format.manifest.SnapshotStats;
import io.varve.format.object.DirectoryEntry;
import io.varve.format.object.DirectorySummary;
import io.varve.format.object.FileMode;
import io.varve.repository.Backup;
import io.varve.repository.BackupTags;
import io.varve.repository.content.DamageException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The snapshot manifest of a block backup: laid out as Velero's, under a source of our own. */
final class BackupManifest {

    private static final String HOST = "varve";
    private static final String USER = "varve";

    /** Keeps {@code kopia snapshot expire} from our backups: our own retention decides. */
    private static final List<String> PINS = List.of("varve");

    private static final FileMode ROOT_MODE = new FileMode(0777);
    private static final String DIRECT = "direct";

    /** Version of our tags. */
    private static final String FORMAT = "1";

    private BackupManifest() {}

    /**
     * What a manifest tells beside the data.
     *
     * @param more tags that tell of the volume and its snapshot
     * @param sinceWhole as {@link Backup#sinceWhole} has it
     * @param paddedBytes of the volume object
     */
    record Facts(
            BackupRequest request,
            Map<String, String> more,
            BackupPlan plan,
            RunIdentity run,
            ByteAccount account,
            long writtenBytes,
            Optional<Long> sinceWhole,
            long paddedBytes) {}

    static SnapshotManifest of(Facts facts, ObjectId root, Instant now) {
        RunIdentity run = facts.run();
        return new SnapshotManifest(
                new SnapshotSource(HOST, USER, Backup.pathOf(run.volume())),
                facts.request().description(),
                run.startTime(),
                now,
                SnapshotStats.ofVolume(facts.paddedBytes()),
                "",
                Optional.of(rootEntry(root, facts.paddedBytes())),
                tags(facts),
                PINS);
    }

    /** Of a checkpoint: a source path of its own keeps it out of every list. */
    static SnapshotManifest checkpoint(RunIdentity run, ObjectId root, long bytes, Instant now) {
        return new SnapshotManifest(
                new SnapshotSource(HOST, USER, "/varve/checkpoint/" + run.runId()),
                "checkpoint of an unfinished backup of " + run.volume(),
                run.startTime(),
                now,
                SnapshotStats.ofVolume(bytes),
                SnapshotManifest.CHECKPOINT,
                Optional.of(rootEntry(root, bytes)),
                Map.of(BackupTags.RUN, run.runId()),
                PINS);
    }

    private static DirectoryEntry rootEntry(ObjectId root, long bytes) {
        return DirectoryEntry.root(
                ROOT_MODE, Rfc3339.UNSET, root, DirectorySummary.ofVolume(bytes));
    }

    private static Map<String, String> tags(Facts facts) {
        BackupRequest request = facts.request();
        BackupPlan plan = facts.plan();
        Map<String, String> tags = new HashMap<>();
        tags.put(BackupTags.SOURCE_SIZE, Long.toString(plan.volumeBytes()));
        tags.put(BackupTags.CHANGE_ID, request.changeId().orElse(""));
        tags.put(BackupTags.VOLUME_ID, request.volumeId());
        tags.put(BackupTags.UPLOADER, BackupTags.VARVE);
        tags.put(BackupTags.REQUESTER, BackupTags.VARVE);
        tags.put(BackupTags.OPERATION, facts.run().runId());
        tags.put(BackupTags.FORMAT, FORMAT);
        tags.put(BackupTags.TYPE, plan.actualType().name());
        tags.put(BackupTags.REQUESTED_TYPE, plan.requestedType().name());
        tags.put(BackupTags.REASON, plan.reason().map(FullReason::name).orElse(""));
        tags.put(BackupTags.PARENT, plan.parentId().orElse(""));
        tags.put(BackupTags.SNAPSHOT_HANDLE, "");
        tags.put(BackupTags.STORED_BYTES, Long.toString(facts.account().storedBytes()));
        tags.put(BackupTags.ACCOUNT, encode(facts.account(), facts.writtenBytes()));
        tags.put(BackupTags.RUN, facts.run().runId());
        if (facts.more().containsKey(BackupTags.CLAIM)) {
            // Only its storage is asked what changed.
            tags.put(BackupTags.SINCE_WHOLE, facts.sinceWhole().map(String::valueOf).orElse(""));
        }
        plan.fault().ifPresent(fault -> tags.put(BackupTags.FAULT, fault.toTag()));
        tags.put(BackupTags.IO, plan.buffered().orElse(DIRECT));
        tags.putAll(facts.more());
        return tags;
    }

    private static String encode(ByteAccount account, long writtenBytes) {
        return "%d,%d,%d,%d,%d,%d"
                .formatted(
                        account.unallocatedBytes(),
                        account.unchangedBytes(),
                        account.zeroBytes(),
                        account.deduplicatedBytes(),
                        account.storedBytes(),
                        writtenBytes);
    }

    /** What the run that published {@code backup} said then. */
    static PublishedBackup published(Backup backup, BackupPlan plan, long readBytes)
            throws DamageException {
        String[] counters = backup.tag(BackupTags.ACCOUNT).orElse("").split(",", -1);
        long[] bytes = new long[6];
        for (int i = 0; i < Math.min(counters.length, bytes.length); i++) {
            bytes[i] = counters[i].isEmpty() ? 0 : Long.parseLong(counters[i]);
        }
        BackupPlan done = carriedOut(backup, plan);
        return new PublishedBackup(
                backup.id(),
                new ByteAccount(bytes[0], bytes[1], bytes[2], bytes[3], bytes[4]),
                bytes[5],
                readBytes,
                done,
                done.warnings());
    }

    /**
     * A run whose parent went, or was found to lack changes, has published a full backup instead of
     * what was planned.
     */
    private static BackupPlan carriedOut(Backup backup, BackupPlan plan) throws DamageException {
        boolean full = backup.type().equals(Optional.of(BackupType.FULL.name()));
        if (!full || plan.actualType() == BackupType.FULL) {
            return plan;
        }
        FullReason reason = FullReason.valueOf(backup.tag(BackupTags.REASON).orElseThrow());
        Optional<TrackingFault> fault = TrackingFault.of(backup);
        return reason == FullReason.TRACKING_WRONG && fault.isPresent()
                ? plan.refutedBy(fault.get())
                : plan.demotedTo(reason);
    }
}
