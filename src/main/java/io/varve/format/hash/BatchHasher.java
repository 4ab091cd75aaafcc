package io.varve.format.hash;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Hashes several contents at once as soon as that is ready, or else one by one. Now and then one of
 * the hashes is computed both ways: a wrong name would make a content unreadable.
 */
final class BatchHasher implements ContentHasher {

    /** One of so many groups is compared: 1 % of the time that plain hashing takes. */
    private static final int COMPARED = 32;

    private final ContentHasher single;
    private final Supplier<LaneHasher> opener;
    private final BooleanSupplier ready;
    private final int hashBytes;
    private @Nullable Lanes lanes;
    private int groups;

    /** What hashes several at once, and its arguments. */
    private static final class Lanes {
        final LaneHasher hasher;
        final long[] offsets;
        final long[][] digests;

        Lanes(LaneHasher hasher, int hashBytes) {
            this.hasher = hasher;
            this.offsets = new long[hasher.lanes()];
            this.digests = new long[hasher.lanes()][hashBytes / Long.BYTES];
        }
    }

    /**
     * @param opener not called before {@code ready}: loading what it needs takes time
     * @param hashBytes a multiple of 8
     */
    BatchHasher(
            ContentHasher single,
            Supplier<LaneHasher> opener,
            BooleanSupplier ready,
            int hashBytes) {
        this.single = single;
        this.opener = opener;
        this.ready = ready;
        this.hashBytes = hashBytes;
    }

    @Override
    public byte[] hash(ByteBuffer content) {
        return single.hash(content);
    }

    @Override
    public byte[][] hash(ByteBuffer buffer, int[] starts, int length) {
        if (!ready.getAsBoolean() || !opened().hasher.takes(length)) {
            return ContentHasher.super.hash(buffer, starts, length);
        }
        byte[][] hashes = new byte[starts.length][];
        int from = 0;
        // All lanes take hardly longer than one content by itself.
        while (from < starts.length - 1) {
            from += hashGroup(opened(), buffer, starts, from, length, hashes);
        }
        if (from == starts.length - 1) {
            hashes[from] = single.hash(buffer.slice(starts[from], length));
        }
        return hashes;
    }

    private Lanes opened() {
        Lanes open = lanes;
        if (open == null) {
            open = new Lanes(opener.get(), hashBytes);
            lanes = open;
        }
        return open;
    }

    /**
     * Lanes for which no content is left hash the first one again.
     *
     * @return how many were hashed
     */
    private int hashGroup(
            Lanes group, ByteBuffer buffer, int[] starts, int from, int length, byte[][] hashes) {
        long[] offsets = group.offsets;
        int count = Math.min(offsets.length, starts.length - from);
        for (int lane = 0; lane < offsets.length; lane++) {
            offsets[lane] = starts[from + (lane < count ? lane : 0)];
        }
        MemorySegment input = MemorySegment.ofBuffer(buffer.duplicate().clear());
        group.hasher.hash(input, offsets, length, group.digests);
        for (int lane = 0; lane < count; lane++) {
            hashes[from + lane] = bytes(group.digests[lane]);
        }
        if (groups++ % COMPARED == 0) {
            int lane = groups / COMPARED % count;
            compare(buffer.slice(starts[from + lane], length), hashes[from + lane]);
        }
        return count;
    }

    private byte[] bytes(long[] words) {
        ByteBuffer digest = ByteBuffer.allocate(hashBytes).order(ByteOrder.LITTLE_ENDIAN);
        digest.asLongBuffer().put(words);
        return digest.array();
    }

    private void compare(ByteBuffer content, byte[] hash) {
        byte[] expected = single.hash(content);
        if (!Arrays.equals(expected, hash)) {
            throw new WrongHashException(
                    "a content of %d bytes, hashed beside others, is %s; by itself it is %s: this machine or its JVM computes wrongly; test its memory, and run on another one"
                            .formatted(
                                    content.remaining(),
                                    HexFormat.of().formatHex(hash),
                                    HexFormat.of().formatHex(expected)));
        }
    }
}
