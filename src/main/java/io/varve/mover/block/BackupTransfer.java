package io.varve.mover.block;

import static io.varve.volume.BlockBitmap.BLOCK_BYTES;

import io.varve.format.ContentId;
import io.varve.format.compress.Compression;
import io.varve.repository.Backup;
import io.varve.repository.Repository;
import io.varve.repository.StagedBlock;
import io.varve.repository.StagedBlocks;
import io.varve.repository.content.PackStream;
import io.varve.repository.content.WriteSession;
import io.varve.volume.AlignedBuffer;
import io.varve.volume.BlockBitmap;
import io.varve.volume.BlockDevice;
import io.varve.volume.BlockRun;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * One backup run in one process: streams that copy, and the publication at the end. Safe for its
 * streams' threads.
 */
public final class BackupTransfer implements Closeable {

    /** Between two looks at whether a run is to stop, while it waits. */
    private static final Duration POLL = Duration.ofMillis(100);

    private final Repository repository;
    private final Source source;
    private final RunIdentity run;
    private final StagedBlocks staged;
    private final TransferProgress progress;
    private final WriteSession session;
    private final PackStream zeroStream;
    private final ByteBuffer zeroBlock = AlignedBuffer.allocate(BLOCK_BYTES);
    private final ContentId zeroContent;
    private final KeepAlive keepAlive;

    /** As it was when this process began: its table is still good when it is deleted meanwhile. */
    private final Optional<Backup> parent;

    /**
     * What is backed up.
     *
     * @param request as it was asked for
     * @param planned as it was decided
     * @param device empty where another process has it: then this one can publish, but not copy
     * @param told blocks outside which the storage told no change since the parent; empty where
     *     that is not compared
     * @param facts tags of the backup that tell of the volume and its snapshot
     * @param compression as the process that publishes has decided it, where that is another one:
     *     then this one can copy, but not publish, and needs no index to begin; empty where the
     *     repository is asked
     */
    public record Source(
            BackupRequest request,
            PlannedBackup planned,
            Optional<BlockDevice> device,
            Optional<BlockBitmap> told,
            Map<String, String> facts,
            Optional<Compression> compression) {

        public Source {
            facts = Map.copyOf(facts);
        }

        /** Of a device that this process has and that nothing more is known of. */
        public static Source local(
                BackupRequest request, PlannedBackup planned, BlockDevice device) {
            return new Source(
                    request,
                    planned,
                    Optional.of(device),
                    Optional.empty(),
                    Map.of(),
                    Optional.empty());
        }
    }

    /**
     * Begins a session in the repository; nothing is written before the first block is.
     *
     * @param staged the run's staged blocks, those of earlier executions included
     */
    public BackupTransfer(
            Repository repository,
            Source source,
            RunIdentity run,
            StagedBlocks staged,
            TransferProgress progress)
            throws IOException {
        this.repository = repository;
        this.source = source;
        this.run = run;
        this.staged = staged;
        this.progress = progress;
        Optional<String> parentId = source.planned().plan().parentId();
        if (source.compression().isPresent()) {
            this.parent = Optional.empty();
            this.session = repository.newSession(source.compression().get());
        } else {
            this.parent =
                    parentId.isEmpty()
                            ? Optional.empty()
                            : repository.backups().find(parentId.get());
            this.session = repository.newSession();
        }
        this.zeroStream = session.newStream();
        this.zeroContent = zeroStream.idOf(zeroBlock);
        this.keepAlive = new KeepAlive(repository, session, run, staged);
        session.onIndexed(staged::markIndexed);
        long expected = bytesOf(source.planned().blocks());
        progress.expect(expected);
        if (source.device().isPresent()) {
            repository.prepareHashing(expected);
        }
    }

    /**
     * Before a resumed run goes on: staged blocks whose content is no longer there are forgotten,
     * so that they are read again; contents that an earlier execution stored but did not index are
     * taken over. Where nothing is staged the index is not asked.
     */
    public void reconcile(StopRequest stop) throws IOException {
        if (staged.page(0, 1).isEmpty()) {
            return;
        }
        new StagedBlockAudit(repository, session, staged).run(stop);
        StagedRows rows = new StagedRows(staged);
        for (Optional<StagedBlock> row = rows.next(); row.isPresent(); row = rows.next()) {
            progress.done(bytesOf(new BlockRun(row.get().firstBlock(), row.get().blockCount())));
        }
    }

    /** A stream that copies blocks from {@code firstBlock} on. */
    public BlockCopy open(long firstBlock) throws IOException {
        BlockDevice device =
                source.device()
                        .orElseThrow(() -> new IllegalStateException("the device is elsewhere"));
        return new BlockCopy(this, device, session.newStream(), firstBlock);
    }

    /**
     * Publishes the backup, or finds that it is published. Blocks that should be staged and are not
     * are copied first; the manifest is written last, after everything that it refers to was found
     * in a fresh index.
     *
     * @param fence asked right before the manifest is put
     * @throws NotStagedException if blocks must be copied and the device is elsewhere
     * @throws StoppedException if that was asked for; what was copied until then stays staged
     */
    public PublishedBackup publish(StopRequest stop, Fence fence) throws IOException {
        if (source.compression().isPresent()) {
            throw new IllegalStateException("another process publishes " + run.volume());
        }
        return new Publication(this, repository, source, run, stop, fence).publish();
    }

    /**
     * Takes back what an abandoned run keeps alive in the repository. Its packs are left to
     * maintenance.
     */
    public static void abandon(Repository repository, RunIdentity run) throws IOException {
        KeepAlive.release(repository, run);
    }

    /**
     * Copies what is planned and not staged, whatever happened to the streams: once they have
     * ended, nothing.
     *
     * @throws StoppedException if that was asked for
     */
    public void copyRest(StopRequest stop) throws IOException {
        BlockBitmap missing = missing(source.planned().blocks());
        if (missing.cardinality() > 0) {
            copy(missing, stop);
        }
    }

    /** Those of {@code blocks} that are not staged. */
    BlockBitmap missing(BlockBitmap blocks) {
        return missing(blocks, staged);
    }

    /** Those of {@code blocks} that are not staged. */
    public static BlockBitmap missing(BlockBitmap blocks, StagedBlocks staged) {
        BlockBitmap.Builder covered = BlockBitmap.builder();
        StagedRows rows = new StagedRows(staged);
        for (Optional<StagedBlock> row = rows.next(); row.isPresent(); row = rows.next()) {
            covered.add(row.get().firstBlock(), row.get().end());
        }
        return blocks.andNot(covered.build());
    }

    /** Copies what {@code blocks} names and stages it, outside any stream. */
    void copy(BlockBitmap blocks, StopRequest stop) throws IOException {
        try (BlockCopy copy = open(0)) {
            long from = 0;
            Optional<BlockRun> next = blocks.nextRun(from, BlockCopy.MAX_RUN);
            while (next.isPresent() && !stop.requested()) {
                copy.copy(next.get());
                staged.stage(copy.checkpoint().staged());
                from = next.get().end();
                next = blocks.nextRun(from, BlockCopy.MAX_RUN);
            }
            staged.stage(copy.finish().staged());
        }
        stop.check();
    }

    /**
     * Waits for the index, and looks up in a fresh one what was decided while it was being loaded:
     * staged blocks whose content somebody has deleted are forgotten, to be copied again. Streams
     * have ended.
     *
     * @throws IOException also if the index could not be loaded
     */
    public void settle(StopRequest stop) throws IOException {
        // First: it may take as long as the index does, and what waits is protected by nothing
        // else.
        session.flush();
        while (repository.isIndexLoading()) {
            stop.check();
            pause();
        }
        repository.index();
        if (session.hasDecidedEarly()) {
            BlockBitmap lost = new StagedBlockAudit(repository, session, staged).run(stop);
            progress.expectMore(bytesOf(lost));
        }
    }

    private static void pause() throws InterruptedIOException {
        try {
            Thread.sleep(POLL);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while the index was waited for");
        }
    }

    /**
     * What was copied is in the repository's index, for another process to publish. Streams have
     * ended.
     */
    public void handOver() throws IOException {
        session.finish();
    }

    /** Makes sure that the repository holds the block of zeros. */
    void storeZeroBlock() throws IOException {
        synchronized (zeroStream) {
            zeroStream.store(zeroContent, zeroBlock.duplicate().clear());
            zeroStream.closePack();
        }
    }

    /** Called by streams now and then. */
    void keepAlive() throws IOException {
        session.flushIfDue();
        keepAlive.refreshIfDue();
    }

    /** The parent; empty for a full backup, and if it was gone when this process began. */
    Optional<Backup> parent() {
        return parent;
    }

    /** Whether it counts as found that the storage left a block out, if it differs. */
    boolean isUntold(long block) {
        return source.told().filter(blocks -> !blocks.contains(block)).isPresent();
    }

    ContentId zeroContent() {
        return zeroContent;
    }

    TransferProgress progress() {
        return progress;
    }

    WriteSession session() {
        return session;
    }

    StagedBlocks staged() {
        return staged;
    }

    long volumeBytes() {
        return source.planned().plan().volumeBytes();
    }

    /** Real bytes of these blocks. */
    long bytesOf(BlockBitmap blocks) {
        long last = BlockBitmap.blocksIn(volumeBytes()) - 1;
        long padding = (last + 1) * BLOCK_BYTES - volumeBytes();
        return blocks.cardinality() * BLOCK_BYTES - (blocks.contains(last) ? padding : 0);
    }

    /** Real bytes of these blocks: the volume may end within the last one. */
    long bytesOf(BlockRun blocks) {
        return Math.min(blocks.end() * BLOCK_BYTES, volumeBytes()) - blocks.first() * BLOCK_BYTES;
    }

    @Override
    public void close() {
        zeroStream.close();
        session.close();
    }
}
