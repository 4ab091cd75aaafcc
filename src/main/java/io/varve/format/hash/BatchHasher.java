package io.varve.format.hash;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Hashes contents in the lanes of vectors as soon as that is ready, or else the plain way. Now and
 * then a hash is computed both ways: a wrong name would make a content unreadable.
 */
final class BatchHasher implements ContentHasher {

    /** One of so many contents is compared: half a percent of the time of plain hashing. */
    private static final int COMPARED = 256;

    private final ContentHasher single;
    private final Supplier<LaneHasher> opener;
    private final BooleanSupplier ready;
    private final int hashBytes;
    private @Nullable LaneHasher lanes;
    private int untilCompared;
    private int compared;

    /**
     * @param opener not called before {@code ready}: loading what it needs takes time
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

    /** In lanes only if one content fills them. */
    @Override
    public byte[] hash(ByteBuffer content) {
        int length = content.remaining();
        if (!ready.getAsBoolean() || opened().lanes() > 1 || !opened().takes(length)) {
            return single.hash(content);
        }
        byte[][] hashes = new byte[1][];
        hashGroup(opened(), content, new int[] {content.position()}, 0, length, hashes);
        return hashes[0];
    }

    @Override
    public byte[][] hash(ByteBuffer buffer, int[] starts, int length) {
        if (!ready.getAsBoolean() || !opened().takes(length)) {
            return ContentHasher.super.hash(buffer, starts, length);
        }
        LaneHasher hasher = opened();
        byte[][] hashes = new byte[starts.length][];
        int from = 0;
        while (starts.length - from >= hasher.fewest()) {
            from += hashGroup(hasher, buffer, starts, from, length, hashes);
        }
        for (; from < starts.length; from++) {
            hashes[from] = single.hash(buffer.slice(starts[from], length));
        }
        return hashes;
    }

    /** Whether contents of this length are hashed in lanes once that is ready. */
    boolean hasLanes(int length) {
        return opened().takes(length);
    }

    private LaneHasher opened() {
        LaneHasher open = lanes;
        if (open == null) {
            open = opener.get();
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
            LaneHasher hasher,
            ByteBuffer buffer,
            int[] starts,
            int from,
            int length,
            byte[][] hashes) {
        long[] offsets = new long[hasher.lanes()];
        int count = Math.min(offsets.length, starts.length - from);
        for (int lane = 0; lane < offsets.length; lane++) {
            offsets[lane] = starts[from + (lane < count ? lane : 0)];
        }
        MemorySegment input = MemorySegment.ofBuffer(buffer.duplicate().clear());
        byte[][] digests = hasher.hash(input, offsets, length);
        for (int lane = 0; lane < count; lane++) {
            hashes[from + lane] = Arrays.copyOf(digests[lane], hashBytes);
        }
        if (untilCompared <= 0) {
            untilCompared = COMPARED;
            int lane = compared++ % count;
            compare(buffer.slice(starts[from + lane], length), hashes[from + lane]);
        }
        untilCompared -= count;
        return count;
    }

    private void compare(ByteBuffer content, byte[] hash) {
        byte[] expected = single.hash(content);
        if (!Arrays.equals(expected, hash)) {
            throw new WrongHashException(
                    "a content of %d bytes, hashed in lanes of a vector, is %s; the plain way it is %s: this machine or its JVM computes wrongly; test its memory, and run on another one"
                            .formatted(
                                    content.remaining(),
                                    HexFormat.of().formatHex(hash),
                                    HexFormat.of().formatHex(expected)));
        }
    }
}
