package io.varve.mover.block;

import static io.varve.volume.BlockBitmap.BLOCK_BYTES;

import io.varve.format.ContentId;
import io.varve.repository.content.ContentReader;
import io.varve.volume.AlignedBuffer;
import io.varve.volume.BlockRun;
import io.varve.volume.Extent;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Restores a part of a volume, ascending. For one thread. */
public final class RestoreRange implements Closeable {

    private final BlockRestore restore;
    private final BlockTable table;
    private final RestoreMode mode;
    private final ContentReader contents;
    private final ByteBuffer buffer = AlignedBuffer.allocate(BlockCopy.MAX_RUN * BLOCK_BYTES);
    private final long endBlock;

    /** What is restored next, in order. */
    private final Deque<Piece> expected = new ArrayDeque<>();

    /** Zeros that are not written yet: neighbouring ones go to the device as one range. */
    private long zerosFrom;

    private long zerosTo;

    private @Nullable TargetComparison comparison;

    /** Blocks that are restored at once, and what the backup has in them. */
    private record Piece(BlockRun run, List<ContentId> contents) {}

    RestoreRange(
            BlockRestore restore,
            BlockTable table,
            RestoreMode mode,
            long firstBlock,
            long endBlock)
            throws IOException {
        this.restore = restore;
        this.table = table;
        this.mode = mode;
        this.contents = restore.repository().newContentReader();
        this.endBlock = endBlock;
        table.skipTo(firstBlock);
    }

    /**
     * Says which neighbouring blocks are restored after those that were said before, so that a
     * storage far away is asked for them in time.
     *
     * @param run at most {@link BlockCopy#MAX_RUN} blocks
     */
    public void expect(BlockRun run) throws IOException {
        boolean comes = run.first() >= table.nextBlock() && run.end() <= endBlock;
        if (!comes || run.count() > BlockCopy.MAX_RUN) {
            throw new IllegalArgumentException(
                    "%s after block %d and before %d".formatted(run, table.nextBlock(), endBlock));
        }
        List<ContentId> wanted = restore.contents(table, run);
        expected.add(new Piece(run, wanted));
        if (mode == RestoreMode.WHOLE) {
            contents.expect(wanted.stream().filter(each -> !restore.isZero(each)).toList());
        }
    }

    /**
     * Restores neighbouring blocks, the next of those that were {@link #expect expected} if there
     * are any; some of them may only be on the target after {@link #flush}.
     */
    public void restore(BlockRun run) throws IOException {
        for (long from = run.first(); from < run.end(); from += BlockCopy.MAX_RUN) {
            restorePiece(new BlockRun(from, Math.min(BlockCopy.MAX_RUN, run.end() - from)));
        }
        restore.restored(run);
    }

    private void restorePiece(BlockRun run) throws IOException {
        if (expected.isEmpty()) {
            expect(run);
        }
        Piece piece = expected.remove();
        if (!piece.run().equals(run)) {
            throw new IllegalArgumentException(
                    "%s, where %s was to come".formatted(run, piece.run()));
        }
        restore(piece);
    }

    private void restore(Piece piece) throws IOException {
        BlockRun run = piece.run();
        List<ContentId> wanted = piece.contents();
        BitSet written = new BitSet();
        if (mode == RestoreMode.WHOLE) {
            written.set(0, wanted.size());
        } else {
            written = comparison().differing(run, wanted);
        }
        List<ContentId> data = new ArrayList<>();
        for (int i = 0; i < wanted.size(); i++) {
            long block = run.first() + i;
            if (!written.get(i)) {
                restore.skipped(restore.lengthOf(block));
            } else if (restore.isZero(wanted.get(i))) {
                zero(block * BLOCK_BYTES, restore.lengthOf(block));
            } else {
                data.add(wanted.get(i));
                continue;
            }
            write(block - data.size(), data);
        }
        write(run.end() - data.size(), data);
    }

    private TargetComparison comparison() {
        TargetComparison known = comparison;
        if (known == null) {
            known = new TargetComparison(restore);
            comparison = known;
        }
        return known;
    }

    /** Neighbouring blocks go to the target in one piece. Forgets what it has written. */
    private void write(long first, List<ContentId> data) throws IOException {
        if (data.isEmpty()) {
            return;
        }
        contents.read(data, BLOCK_BYTES, buffer.clear());
        long offset = first * BLOCK_BYTES;
        long last = first + data.size() - 1;
        int length = Math.toIntExact(last * BLOCK_BYTES - offset) + restore.lengthOf(last);
        restore.target().write(offset, buffer.clear().limit(length));
        restore.wrote(length);
        data.clear();
    }

    private void zero(long offset, int length) throws IOException {
        if (offset != zerosTo) {
            writeZeros();
            zerosFrom = offset;
        }
        zerosTo = offset + length;
    }

    private void writeZeros() throws IOException {
        if (zerosTo > zerosFrom) {
            restore.target().zero(new Extent(zerosFrom, zerosTo - zerosFrom));
            restore.zeroed(zerosTo - zerosFrom);
        }
        zerosFrom = zerosTo;
    }

    /** Everything restored so far is durable on the target afterwards. */
    public void flush() throws IOException {
        writeZeros();
        restore.target().flush();
    }

    @Override
    public void close() throws IOException {
        table.close();
    }
}
