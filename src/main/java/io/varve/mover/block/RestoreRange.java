package io.varve.mover.block;

import static io.varve.volume.BlockBitmap.BLOCK_BYTES;

import io.varve.format.ContentId;
import io.varve.format.hash.ContentHasher;
import io.varve.repository.content.ContentReader;
import io.varve.repository.content.DamageException;
import io.varve.volume.AlignedBuffer;
import io.varve.volume.BlockRun;
import io.varve.volume.Extent;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Restores a part of a volume, ascending. For one thread. */
public final class RestoreRange implements Closeable {

    private final BlockRestore restore;
    private final BlockTable table;
    private final RestoreMode mode;
    private final ContentReader contents;
    private final ContentHasher hasher;
    private final ByteBuffer found = AlignedBuffer.allocate(BLOCK_BYTES);
    private final long endBlock;

    /** Zeros that are not written yet: neighbouring ones go to the device as one range. */
    private long zerosFrom;

    private long zerosTo;

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
        this.hasher = restore.repository().newContentHasher();
        this.endBlock = endBlock;
        table.skipTo(firstBlock);
    }

    /**
     * Restores neighbouring blocks; some of them may only be on the target after {@link #flush}.
     */
    public void restore(BlockRun run) throws IOException {
        if (run.first() < table.nextBlock() || run.end() > endBlock) {
            throw new IllegalArgumentException(
                    "%s after block %d and before %d".formatted(run, table.nextBlock(), endBlock));
        }
        table.skipTo(run.first());
        for (long block = run.first(); block < run.end(); block++) {
            Optional<ContentId> content = table.next();
            if (content.isEmpty()) {
                throw DamageException.ofManifest(
                        restore.backup().id(),
                        new IOException(
                                "its block table ends at block %d of %d"
                                        .formatted(block, restore.blocks())));
            }
            restore(block, content.get());
        }
        restore.restored(run);
    }

    private void restore(long block, ContentId content) throws IOException {
        int length = restore.lengthOf(block);
        if (mode == RestoreMode.DIFFERING) {
            restore.readTarget(block, found);
            if (restore.isSame(content, found, hasher)) {
                restore.skipped(length);
                return;
            }
        }
        if (restore.isZero(content)) {
            zero(block * BLOCK_BYTES, length);
            return;
        }
        ByteBuffer plain = contents.read(content);
        if (plain.remaining() != BLOCK_BYTES) {
            throw DamageException.ofContent(
                    content, "%d bytes, a block has %d".formatted(plain.remaining(), BLOCK_BYTES));
        }
        restore.target().write(block * BLOCK_BYTES, plain.limit(length));
        restore.wrote(length);
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
