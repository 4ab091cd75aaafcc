package io.varve.mover.block;

import io.varve.format.ObjectId;
import io.varve.format.object.IndirectEntry;
import io.varve.format.object.IndirectListWriter;
import io.varve.repository.Backup;
import io.varve.repository.Repository;
import io.varve.repository.StagedBlock;
import io.varve.repository.StagedBlocks;
import io.varve.repository.content.ContentIndex;
import io.varve.repository.content.WriteSession;
import io.varve.repository.object.ObjectWriter;
import io.varve.volume.BlockBitmap;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps maintenance from the contents of a long run. What the index names and no snapshot refers to
 * is deleted when it is 24 hours old (format, 8.6); so from 12 hours on a checkpoint manifest
 * refers to everything that is staged. It is marked incomplete, has a source path of its own, and
 * goes when the run is published or abandoned. Safe for many threads.
 */
final class KeepAlive {

    /** Half of the age at which maintenance takes an unreferenced content. */
    private static final Duration INTERVAL = Duration.ofHours(12);

    private final Repository repository;
    private final WriteSession session;
    private final RunIdentity run;
    private final StagedBlocks staged;
    private final ReentrantLock writing = new ReentrantLock();
    private volatile Instant covered;

    KeepAlive(Repository repository, WriteSession session, RunIdentity run, StagedBlocks staged) {
        this.repository = repository;
        this.session = session;
        this.run = run;
        this.staged = staged;
        this.covered = run.startTime();
    }

    /** Writes the checkpoint manifest if the last one, or the run's start, is long ago. */
    void refreshIfDue() throws IOException {
        if (repository.now().isBefore(covered.plus(INTERVAL)) || !writing.tryLock()) {
            return;
        }
        try {
            Instant now = repository.now();
            Optional<ObjectId> list = writeList();
            if (list.isPresent()) {
                ObjectId root =
                        VolumeDirectory.write(session, "checkpoint", list.get(), coveredBytes);
                repository
                        .backups()
                        .put(
                                session,
                                new Backup(
                                        run.checkpointId(repository.id()),
                                        BackupManifest.checkpoint(run, root, coveredBytes, now)));
                session.flush();
            }
            covered = now;
        } finally {
            writing.unlock();
        }
    }

    private long coveredBytes;

    /**
     * A list of every staged content: only that it refers to them matters, not where they belong.
     */
    private Optional<ObjectId> writeList() throws IOException {
        ObjectWriter bytes = new ObjectWriter(session, 'x');
        IndirectListWriter list = new IndirectListWriter(bytes);
        coveredBytes = 0;
        session.flush();
        ContentIndex index = repository.refreshIndex();
        StagedRows rows = new StagedRows(staged);
        for (Optional<StagedBlock> row = rows.next(); row.isPresent(); row = rows.next()) {
            // A reference to what is gone would make everybody's maintenance fail.
            if (row.get().kind() != StagedBlock.Kind.ZERO && index.holds(row.get().content())) {
                list.write(
                        new IndirectEntry(
                                coveredBytes,
                                BlockBitmap.BLOCK_BYTES,
                                ObjectId.of(row.get().content())));
                coveredBytes += BlockBitmap.BLOCK_BYTES;
            }
        }
        if (coveredBytes == 0) {
            return Optional.empty();
        }
        list.finish();
        return Optional.of(ObjectId.listedIn(bytes.finish()));
    }

    /**
     * Deletes the run's checkpoint manifest, if there is one or damage may hide one: mended later,
     * it would keep what nobody needs for ever. Gone with the session's next flush.
     */
    static boolean release(Repository repository, WriteSession session, RunIdentity run)
            throws IOException {
        String id = run.checkpointId(repository.id());
        if (!repository.manifests().mayHold(id)) {
            return false;
        }
        repository.manifests().delete(session, id);
        return true;
    }

    /** As the other one, and at once. */
    static void release(Repository repository, RunIdentity run) throws IOException {
        try (WriteSession session = repository.newSession()) {
            if (release(repository, session, run)) {
                session.finish();
            }
        }
    }
}
