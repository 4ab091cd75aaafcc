package io.varve.mover.block;

import static io.varve.volume.BlockBitmap.BLOCK_BYTES;

import io.varve.format.ContentId;
import io.varve.repository.StagedBlock;
import io.varve.repository.content.Durability;
import io.varve.repository.content.PackStream;
import io.varve.repository.content.Placement;
import io.varve.volume.AlignedBuffer;
import io.varve.volume.BlockDevice;
import io.varve.volume.BlockRun;
import io.varve.volume.ZeroBytes;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Copies blocks of the source into packs: one stream of a transfer, ascending. For one thread.
 *
 * <p>A block is staged when its content is durable, and in order: so the cursor of a checkpoint
 * never runs ahead of the storage. It trails the reader by at most {@link #MAX_TRAIL}.
 */
public final class BlockCopy implements Closeable {

    /** Most blocks that one call reads and copies: as many as the widest vector hashes at once. */
    public static final int MAX_RUN = 8;

    /** What a restart reads again at most, in bytes, if everything goes into packs slowly. */
    static final long MAX_TRAIL = 256L << 20;

    private final BlockDevice source;
    private final PackStream packs;
    private final ContentId zeroContent;
    private final TransferProgress progress;
    private final BackupTransfer transfer;
    private final ByteBuffer buffer = AlignedBuffer.allocate(MAX_RUN * BLOCK_BYTES);
    private final Deque<Undecided> undecided = new ArrayDeque<>();
    private final long volumeBytes;
    private long nextBlock;
    private long bytesRead;
    private boolean broken;

    /** A block that is not staged yet, and how much had been read when it was. */
    private record Undecided(
            long block, Placement placement, ContentId content, boolean zero, long readAt) {}

    BlockCopy(BackupTransfer transfer, BlockDevice source, PackStream packs, long firstBlock) {
        this.transfer = transfer;
        this.source = source;
        this.packs = packs;
        this.zeroContent = transfer.zeroContent();
        this.progress = transfer.progress();
        this.volumeBytes = transfer.volumeBytes();
        this.nextBlock = firstBlock;
    }

    /**
     * Reads and stores neighbouring blocks.
     *
     * @param run at most {@link #MAX_RUN} blocks, after all that were copied before
     */
    public void copy(BlockRun run) throws IOException {
        if (run.count() > MAX_RUN || run.first() < nextBlock) {
            throw new IllegalArgumentException("%s after block %d".formatted(run, nextBlock));
        }
        broken = true;
        int length = read(run);
        store(run);
        nextBlock = run.end();
        bytesRead += length;
        progress.read(length);
        progress.done(length);
        keepTrailShort();
        broken = false;
    }

    /** Fills the buffer with the run, and the last block of the volume up with zeros. */
    private int read(BlockRun run) throws IOException {
        long offset = run.first() * BLOCK_BYTES;
        int whole = Math.toIntExact(run.count() * BLOCK_BYTES);
        int length = (int) Math.min(whole, volumeBytes - offset);
        source.read(offset, buffer.clear().limit(length));
        buffer.limit(whole);
        for (int at = length; at < whole; at++) {
            buffer.put(at, (byte) 0);
        }
        buffer.clear();
        return length;
    }

    private void store(BlockRun run) throws IOException {
        int[] data =
                IntStream.range(0, Math.toIntExact(run.count()))
                        .map(i -> i * BLOCK_BYTES)
                        .filter(at -> !ZeroBytes.isZero(buffer.slice(at, BLOCK_BYTES)))
                        .toArray();
        ContentId[] ids = packs.idsOf(buffer, data, BLOCK_BYTES);
        int stored = 0;
        for (long block = run.first(); block < run.end(); block++) {
            int at = Math.toIntExact((block - run.first()) * BLOCK_BYTES);
            if (stored < data.length && data[stored] == at) {
                store(block, ids[stored], buffer.slice(at, BLOCK_BYTES));
                stored++;
            } else {
                undecided.add(new Undecided(block, Placement.KNOWN, zeroContent, true, bytesRead));
            }
        }
    }

    private void store(long block, ContentId content, ByteBuffer plain) throws IOException {
        Placement placement = packs.store(content, plain);
        if (placement.stored().isPresent()) {
            progress.stored(BLOCK_BYTES);
        }
        undecided.add(new Undecided(block, placement, content, false, bytesRead));
    }

    /** Also where nearly everything is known, or where another stream's pack fills slowly. */
    private void keepTrailShort() throws IOException {
        Undecided oldest = undecided.peek();
        if (oldest == null || bytesRead - oldest.readAt() < MAX_TRAIL) {
            return;
        }
        Durability promise = oldest.placement().durability();
        if (promise.isReached()) {
            // Staged by the next checkpoint.
            return;
        }
        if (!packs.isUnderWay(promise)) {
            // Our own pack first: then nobody waits for us while we wait for them.
            packs.closePack();
        }
        promise.await();
    }

    /** What became durable since the last call. */
    public Checkpoint checkpoint() throws IOException {
        transfer.keepAlive();
        List<StagedBlock> staged = new ArrayList<>();
        while (!undecided.isEmpty() && undecided.element().placement().durability().isReached()) {
            add(staged, undecided.remove());
        }
        Undecided oldest = undecided.peek();
        return new Checkpoint(staged, oldest == null ? nextBlock : oldest.block());
    }

    private void add(List<StagedBlock> staged, Undecided decided) {
        if (!decided.zero()) {
            staged.add(
                    decided.placement()
                            .stored()
                            .map(entry -> StagedBlock.stored(decided.block(), entry, false))
                            .orElseGet(
                                    () ->
                                            StagedBlock.deduplicated(
                                                    decided.block(), decided.content())));
            return;
        }
        StagedBlock last = staged.isEmpty() ? null : staged.getLast();
        boolean joins =
                last != null
                        && last.kind() == StagedBlock.Kind.ZERO
                        && last.end() == decided.block();
        if (last != null && joins) {
            staged.removeLast();
            staged.add(StagedBlock.zero(last.firstBlock(), last.blockCount() + 1, zeroContent));
        } else {
            staged.add(StagedBlock.zero(decided.block(), 1, zeroContent));
        }
    }

    /**
     * Puts the open pack and waits for what other streams still hold; everything is durable then.
     */
    public Checkpoint finish() throws IOException {
        packs.closePack();
        for (Undecided waiting : undecided) {
            Durability durability = waiting.placement().durability();
            durability.await();
        }
        return checkpoint();
    }

    /** A stream that was only stopped puts its open pack: others may wait for it. */
    @Override
    public void close() throws IOException {
        try {
            if (!broken) {
                packs.closePack();
            }
        } finally {
            packs.close();
        }
    }
}
