package io.varve.job;

import io.varve.catalog.Run;
import io.varve.mover.block.TrackingFault;
import io.varve.repository.Backup;
import io.varve.repository.Repository;
import io.varve.repository.content.DamageException;
import io.varve.volume.BlockBitmap;
import java.io.IOException;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a restore in place looks at, decided before the first byte is written; all restarts keep to
 * it. Persisted as JSON with its run; the blocks beside it.
 *
 * @param reason why the storage could not tell what changed; empty if it could
 * @param failed whether the storage should have been able to
 * @param checked whether a sample of the other blocks was compared
 */
record RestoreScope(RestoreMethod method, String reason, boolean failed, boolean checked) {

    /** Of a restore that asks nobody. */
    static RestoreScope whole() {
        return new RestoreScope(RestoreMethod.WHOLE, "", false, false);
    }

    /** What asks the storage. */
    @FunctionalInterface
    interface Question {
        ChangedSince ask() throws IOException;
    }

    /** Asks the storage, unless a backup of the volume found that it leaves changes out. */
    static ChangedSince ask(Repository repository, Backup backup, Question question)
            throws IOException {
        Optional<TrackingFault> fault;
        try {
            fault = TrackingFault.ofVolumeOf(repository, backup);
        } catch (DamageException e) {
            // The claim may be taken by now: comparing everything needs nobody's word.
            return new ChangedSince.Unknown(String.valueOf(e.getMessage()), true);
        }
        return fault.isPresent()
                ? new ChangedSince.Unknown(
                        "backup %s found that the storage leaves changes out"
                                .formatted(fault.get().backupId()),
                        true)
                : question.ask();
    }

    /** What follows from the storage's answer. */
    static RestoreScope of(ChangedSince changed) {
        return switch (changed) {
            case ChangedSince.Known _ ->
                    new RestoreScope(RestoreMethod.CHANGED_BLOCKS, "", false, false);
            case ChangedSince.Unknown(String reason, boolean failed) -> compared(reason, failed);
        };
    }

    private static RestoreScope compared(String reason, boolean failed) {
        return new RestoreScope(RestoreMethod.COMPARED, reason, failed, false);
    }

    RestoreScope asChecked() {
        return new RestoreScope(method, reason, failed, true);
    }

    /** Once the storage is known to be wrong about a block. */
    RestoreScope refuted(long block) {
        return compared(
                "the MiB at byte %d differs from the backup, and the storage called it unchanged"
                        .formatted(block * BlockBitmap.BLOCK_BYTES),
                true);
    }

    static Optional<RestoreScope> of(RunRecords records, Run run) {
        return records.claims()
                .draft(run.id())
                .map(json -> JsonMapper.shared().readValue(json, RestoreScope.class));
    }

    /** The blocks that are compared; empty for all. */
    static Optional<BlockBitmap> blocks(RunRecords records, Run run) {
        return of(records, run)
                .filter(scope -> scope.method() == RestoreMethod.CHANGED_BLOCKS)
                .flatMap(scope -> records.claims().blocks(run.id()))
                .map(BlockBitmap::fromBytes);
    }

    void save(RunRecords records, Run run, BlockBitmap blocks) {
        records.claims()
                .saveDraft(
                        run.id(), JsonMapper.shared().writeValueAsString(this), blocks.toBytes());
    }
}
