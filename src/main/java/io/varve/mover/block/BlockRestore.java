package io.varve.mover.block;

import static io.varve.volume.BlockBitmap.BLOCK_BYTES;

import io.varve.format.ContentId;
import io.varve.format.hash.ContentHasher;
import io.varve.repository.Backup;
import io.varve.repository.Repository;
import io.varve.repository.content.DamageException;
import io.varve.volume.AlignedBuffer;
import io.varve.volume.BlockBitmap;
import io.varve.volume.BlockDevice;
import io.varve.volume.BlockRun;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.LongAdder;

/** One restore of a block backup in one process. Safe for its ranges' threads. */
public final class BlockRestore implements Closeable {

    /** Blocks between two questions whether to stop. */
    private static final long RECHECKED_AT_ONCE = BlockCopy.MAX_RUN;

    private final Repository repository;
    private final Backup backup;
    private final BlockDevice target;
    private final RestoreMode mode;
    private final TransferProgress progress;
    private final ContentId zeroContent;
    private final LongAdder written = new LongAdder();
    private final LongAdder zeroed = new LongAdder();
    private final LongAdder skipped = new LongAdder();

    /** What this process restored; guarded by itself. */
    private final BlockBitmap.Builder restored = BlockBitmap.builder();

    private BlockRestore(
            Repository repository,
            Backup backup,
            BlockDevice target,
            RestoreMode mode,
            TransferProgress progress)
            throws IOException {
        this.repository = repository;
        this.backup = backup;
        this.target = target;
        this.mode = mode;
        this.progress = progress;
        ByteBuffer zeros = AlignedBuffer.allocate(BLOCK_BYTES);
        this.zeroContent = nameOf(repository.newContentHasher(), zeros);
    }

    /**
     * Begins a restore; writes nothing yet.
     *
     * @param target at least as large as the backup's volume; stays the caller's
     */
    public static BlockRestore open(
            Repository repository,
            Backup backup,
            BlockDevice target,
            RestoreMode mode,
            TransferProgress progress)
            throws IOException {
        if (target.size() < backup.volumeBytes()) {
            throw new IllegalArgumentException(
                    "%s has %d bytes, backup %s needs %d"
                            .formatted(
                                    target.path(),
                                    target.size(),
                                    backup.id(),
                                    backup.volumeBytes()));
        }
        if (backup.volumeBytes() <= 0) {
            throw DamageException.ofManifest(
                    backup.id(), new IOException("it does not tell the size of its volume"));
        }
        progress.expect(backup.volumeBytes());
        repository.prepareHashing(backup.volumeBytes());
        return new BlockRestore(repository, backup, target, mode, progress);
    }

    /** Real size of the volume. */
    public long volumeBytes() {
        return backup.volumeBytes();
    }

    /** How many blocks the volume has. */
    public long blocks() {
        return BlockBitmap.blocksIn(volumeBytes());
    }

    /**
     * A part of the volume, restored by one thread.
     *
     * @param endBlock exclusive
     */
    public RestoreRange range(long firstBlock, long endBlock) throws IOException {
        return range(mode, firstBlock, endBlock);
    }

    private RestoreRange range(RestoreMode rangeMode, long firstBlock, long endBlock)
            throws IOException {
        BlockTable table = BlockTable.open(repository.newObjectReader(), backup);
        return new RestoreRange(this, table, rangeMode, firstBlock, endBlock);
    }

    /**
     * Reads back what earlier executions of a run restored, and restores what differs. Nothing else
     * tells that the target is as they left it: another restore, a mount, or a new device under the
     * same name may have come between. Durable when it returns.
     *
     * @param all that the restore has to do with
     */
    public void recheck(BlockBitmap all, StopRequest stop) throws IOException {
        BlockBitmap unsure;
        synchronized (restored) {
            unsure = all.andNot(restored.build());
        }
        try (RestoreRange range = range(RestoreMode.DIFFERING, 0, blocks())) {
            Optional<BlockRun> next = unsure.nextRun(0, RECHECKED_AT_ONCE);
            while (next.isPresent()) {
                stop.check();
                range.restore(next.get());
                next = unsure.nextRun(next.get().end(), RECHECKED_AT_ONCE);
            }
            range.flush();
        }
    }

    /**
     * Reads the target back and compares every block with the backup.
     *
     * @throws IOException that names the first byte of the first block that differs
     */
    public void verify(StopRequest stop) throws IOException {
        OptionalLong wrong = firstDifferent(BlockBitmap.range(0, blocks()), stop);
        if (wrong.isPresent()) {
            throw new IOException(
                    "%s differs from backup %s in the MiB at byte %d after it was written; is something else writing to it? restore again"
                            .formatted(
                                    target.path(), backup.id(), wrong.getAsLong() * BLOCK_BYTES));
        }
    }

    /** The first of these blocks in which the target differs from the backup. Writes nothing. */
    public OptionalLong firstDifferent(BlockBitmap some, StopRequest stop) throws IOException {
        TargetComparison comparison = new TargetComparison(this);
        try (BlockTable table = BlockTable.open(repository.newObjectReader(), backup)) {
            Optional<BlockRun> next = some.nextRun(0, BlockCopy.MAX_RUN);
            while (next.isPresent()) {
                stop.check();
                BlockRun run = next.get();
                BitSet differing = comparison.differing(run, contents(table, run));
                if (!differing.isEmpty()) {
                    return OptionalLong.of(run.first() + differing.nextSetBit(0));
                }
                next = some.nextRun(run.end(), BlockCopy.MAX_RUN);
            }
        }
        return OptionalLong.empty();
    }

    /** What the backup holds in these blocks, one after the other. */
    List<ContentId> contents(BlockTable table, BlockRun run) throws IOException {
        table.skipTo(run.first());
        List<ContentId> contents = new ArrayList<>();
        for (long block = run.first(); block < run.end(); block++) {
            Optional<ContentId> content = table.next();
            if (content.isEmpty()) {
                throw DamageException.ofManifest(
                        backup.id(),
                        new IOException(
                                "its block table ends at block %d of %d"
                                        .formatted(block, blocks())));
            }
            contents.add(content.get());
        }
        return contents;
    }

    /** What this process did so far. */
    public RestoreAccount account() {
        return new RestoreAccount(written.sum(), zeroed.sum(), skipped.sum());
    }

    /** Fills {@code buffer} with blocks of the target, padded with zeros as in a backup. */
    void readTarget(BlockRun run, ByteBuffer buffer) throws IOException {
        long offset = run.first() * BLOCK_BYTES;
        int whole = Math.toIntExact(run.count() * BLOCK_BYTES);
        int length = (int) Math.min(whole, volumeBytes() - offset);
        target.read(offset, buffer.clear().limit(length));
        progress.read(length);
        buffer.clear();
        for (int at = length; at < whole; at++) {
            buffer.put(at, (byte) 0);
        }
    }

    private static ContentId nameOf(ContentHasher hasher, ByteBuffer block) {
        return ContentId.of(ContentId.NO_PREFIX, hasher.hash(block));
    }

    /** Real bytes of a block: the volume may end within the last one. */
    int lengthOf(long block) {
        return (int) Math.min(BLOCK_BYTES, volumeBytes() - block * BLOCK_BYTES);
    }

    boolean isZero(ContentId content) {
        return content.equals(zeroContent);
    }

    /** Called when a run is on its way to the target. */
    void restored(BlockRun run) {
        synchronized (restored) {
            restored.add(run.first(), run.end());
        }
    }

    void wrote(long bytes) {
        written.add(bytes);
        progress.stored(bytes);
        progress.done(bytes);
    }

    void zeroed(long bytes) {
        zeroed.add(bytes);
        progress.done(bytes);
    }

    void skipped(long bytes) {
        skipped.add(bytes);
        progress.done(bytes);
    }

    Repository repository() {
        return repository;
    }

    Backup backup() {
        return backup;
    }

    BlockDevice target() {
        return target;
    }

    @Override
    public void close() {}
}
