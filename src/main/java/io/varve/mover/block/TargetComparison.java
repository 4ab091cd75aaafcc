package io.varve.mover.block;

import static io.varve.volume.BlockBitmap.BLOCK_BYTES;

import io.varve.format.ContentId;
import io.varve.format.hash.ContentHasher;
import io.varve.volume.AlignedBuffer;
import io.varve.volume.BlockRun;
import io.varve.volume.ZeroBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;

/** Compares blocks of a restore's target with those of its backup. For one thread. */
final class TargetComparison {

    private final BlockRestore restore;
    private final ContentHasher hasher;
    private final ByteBuffer buffer = AlignedBuffer.allocate(BlockCopy.MAX_RUN * BLOCK_BYTES);

    TargetComparison(BlockRestore restore) {
        this.restore = restore;
        this.hasher = restore.repository().newContentHasher();
    }

    /**
     * Which of these blocks hold other bytes than the backup's.
     *
     * @param run at most {@link BlockCopy#MAX_RUN} blocks
     * @param contents of the backup's blocks, one for each
     * @return by their place in the run
     */
    BitSet differing(BlockRun run, List<ContentId> contents) throws IOException {
        restore.readTarget(run, buffer);
        BitSet differing = new BitSet();
        BitSet hashed = new BitSet();
        for (int i = 0; i < contents.size(); i++) {
            if (!restore.isZero(contents.get(i))) {
                hashed.set(i);
            } else if (!ZeroBytes.isZero(buffer.slice(i * BLOCK_BYTES, BLOCK_BYTES))) {
                differing.set(i);
            }
        }
        int[] places = hashed.stream().toArray();
        int[] offsets = hashed.stream().map(i -> i * BLOCK_BYTES).toArray();
        byte[][] hashes = hasher.hash(buffer, offsets, BLOCK_BYTES);
        for (int i = 0; i < places.length; i++) {
            ContentId found = ContentId.of(ContentId.NO_PREFIX, hashes[i]);
            differing.set(places[i], !found.equals(contents.get(places[i])));
        }
        return differing;
    }
}
