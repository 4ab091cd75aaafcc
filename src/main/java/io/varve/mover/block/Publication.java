package io.varve.mover.block;

import static io.varve.volume.BlockBitmap.BLOCK_BYTES;

import io.varve.format.ObjectId;
import io.varve.repository.Backup;
import io.varve.repository.Backups;
import io.varve.repository.Repository;
import io.varve.repository.StagedBlock;
import io.varve.repository.content.WriteSession;
import io.varve.volume.BlockBitmap;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The end of a backup run: index, block table, directory, proof, manifest, in this order. Until the
 * manifest's index blob is put nobody sees the backup; afterwards it is whole.
 */
final class Publication {

    /** Contents that vanish between writing and proof are copied again, so often at most. */
    private static final int ATTEMPTS = 4;

    private final BackupTransfer transfer;
    private final Repository repository;
    private final BackupTransfer.Source source;
    private final RunIdentity run;
    private final StopRequest stop;
    private final Fence fence;
    private final WriteSession session;
    private final List<String> warnings = new ArrayList<>();
    private BackupPlan plan;
    private BlockBitmap toCopy;

    /** Whether all manifests could be read: then a parent that is not found is not there. */
    private boolean complete = true;

    Publication(
            BackupTransfer transfer,
            Repository repository,
            BackupTransfer.Source source,
            RunIdentity run,
            StopRequest stop,
            Fence fence) {
        this.transfer = transfer;
        // What a backup relies on is looked at where it lies.
        this.repository = repository.pastCopies();
        this.source = source;
        this.run = run;
        this.stop = stop;
        this.fence = fence;
        this.session = transfer.session();
        this.plan = source.planned().plan();
        this.toCopy = source.planned().blocks();
    }

    PublishedBackup publish() throws IOException {
        String id = run.backupId(repository.id());
        Backups.Lookup lookup = repository.backups().lookUp(id);
        complete = lookup.damaged().isEmpty();
        lookup.damaged().forEach(e -> warnings.add(ParentChooser.warningOf(e)));
        Optional<Backup> published = lookup.certain();
        if (published.isPresent()) {
            // An earlier execution died between the manifest and its own record of it. Where that
            // is not certain the backup is proven and published again, under the same id.
            KeepAlive.release(repository, run);
            session.finish();
            return BackupManifest.published(published.get(), plan, transfer.progress().readBytes());
        }
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            copyWhatIsNotStaged();
            session.takeMetadataIds();
            Optional<BlockTableMerge.Written> table = writeTable();
            if (table.isEmpty() || !table.get().unstaged().isEmpty()) {
                continue;
            }
            if (!table.get().untold().isEmpty()) {
                refute(id, table.get().untold());
                continue;
            }
            ObjectId root =
                    VolumeDirectory.write(
                            session, run.fileName(), table.get().object(), paddedBytes());
            session.flush();
            BackupProof.Result proof =
                    new BackupProof(repository, session, transfer.zeroContent(), stop)
                            .of(table.get(), session.takeMetadataIds());
            if (proof.isWhole()) {
                return putManifest(id, root, table.get());
            }
            warnings.addAll(proof.warnings());
            forget(proof.lost());
        }
        throw new IOException(
                "backup of %s: contents vanish as fast as they are stored; is maintenance running with --safety=none? run this again when it has ended"
                        .formatted(run.volume()));
    }

    /** Every planned block is staged afterwards, whatever happened to the transfer. */
    private void copyWhatIsNotStaged() throws IOException {
        BlockBitmap missing = transfer.missing(toCopy);
        if (missing.cardinality() > 0) {
            if (source.device().isEmpty()) {
                throw new NotStagedException(
                        run.volume(), missing.cardinality(), new PlannedBackup(plan, toCopy));
            }
            transfer.copy(missing, stop);
        }
        session.flush();
    }

    /**
     * Empty if the parent turned out to be missing or unreadable: then everything has to be read.
     * One that is deleted while this process runs is still inherited from: the proof finds out
     * which of its contents have gone with it.
     */
    private Optional<BlockTableMerge.Written> writeTable() throws IOException {
        Optional<Backup> parent = plan.parentId().isEmpty() ? Optional.empty() : transfer.parent();
        if (plan.parentId().isPresent() && parent.isEmpty()) {
            return readEverything(
                    complete ? FullReason.PARENT_MISSING : FullReason.PARENT_UNREADABLE);
        }
        try {
            return Optional.of(
                    new BlockTableMerge(transfer, repository, plan, toCopy).write(parent, stop));
        } catch (ParentBlocks.UnreadableException e) {
            return readEverything(FullReason.PARENT_UNREADABLE);
        }
    }

    private Optional<BlockTableMerge.Written> readEverything(FullReason reason) {
        plan = plan.demotedTo(reason);
        BlockBitmap all = BlockBitmap.range(0, BlockBitmap.blocksIn(plan.volumeBytes()));
        transfer.progress().expectMore(transfer.bytesOf(all.andNot(toCopy)));
        toCopy = all;
        return Optional.empty();
    }

    /** What the parent lacks was read, and is staged: only the table is made again, without it. */
    private void refute(String id, BlockBitmap untold) throws IOException {
        plan = plan.refutedBy(TrackingFault.found(id, untold, oldestSuspect()));
    }

    /** The parent may lack changes, and those before it, back to one that had read everything. */
    private Optional<Instant> oldestSuspect() throws IOException {
        Backup parent = transfer.parent().orElseThrow();
        return repository.backups().list().stream()
                .filter(other -> ParentChooser.isOf(run.volume(), other))
                .filter(other -> other.volumeId().equals(parent.volumeId()))
                .filter(other -> !other.startTime().isAfter(parent.startTime()))
                .takeWhile(other -> !other.sinceWhole().equals(Optional.of(0L)))
                .reduce((_, older) -> older)
                .map(Backup::startTime);
    }

    /** Counted here and not in a database, which may be lost. */
    private Optional<Long> sinceWhole() {
        if (toCopy.cardinality() == BlockBitmap.blocksIn(plan.volumeBytes())) {
            return Optional.of(0L);
        }
        return plan.parentId().isEmpty()
                ? Optional.of(1L)
                : transfer.parent().flatMap(Backup::sinceWhole).map(before -> before + 1);
    }

    /** Blocks whose content is gone are copied, whether this run staged or inherited them. */
    private void forget(BlockBitmap lost) {
        List<Long> rows = new ArrayList<>();
        StagedRows all = new StagedRows(transfer.staged());
        for (Optional<StagedBlock> row = all.next(); row.isPresent(); row = all.next()) {
            boolean one = row.get().kind() != StagedBlock.Kind.ZERO;
            if (one && lost.contains(row.get().firstBlock())) {
                rows.add(row.get().firstBlock());
            }
        }
        transfer.staged().remove(rows);
        transfer.progress().expectMore(transfer.bytesOf(lost));
        toCopy = toCopy.or(lost);
    }

    private PublishedBackup putManifest(String id, ObjectId root, BlockTableMerge.Written table)
            throws IOException {
        ByteAccount account = table.account();
        if (account.total() != plan.volumeBytes()) {
            throw new IllegalStateException(
                    "byte account of %s adds up to %d, the volume has %d bytes"
                            .formatted(run.volume(), account.total(), plan.volumeBytes()));
        }
        Backup backup =
                new Backup(
                        id,
                        BackupManifest.of(
                                new BackupManifest.Facts(
                                        source.request(),
                                        source.facts(),
                                        plan,
                                        run,
                                        account,
                                        table.writtenBytes(),
                                        sinceWhole(),
                                        paddedBytes()),
                                root,
                                repository.now()));
        fence.check();
        repository.backups().put(session, backup);
        // In the same index blob: no death between both leaves a checkpoint that nobody deletes.
        KeepAlive.release(repository, session, run);
        session.finish();
        return new PublishedBackup(
                id,
                account,
                table.writtenBytes(),
                transfer.progress().readBytes(),
                plan,
                Stream.concat(plan.warnings().stream(), warnings.stream()).distinct().toList());
    }

    private long paddedBytes() {
        return BlockBitmap.blocksIn(plan.volumeBytes()) * BLOCK_BYTES;
    }
}
