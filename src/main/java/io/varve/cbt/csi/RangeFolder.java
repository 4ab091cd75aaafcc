package io.varve.cbt.csi;

import static io.varve.volume.BlockBitmap.BLOCK_BYTES;

import io.varve.cbt.csi.TrackingException.Kind;
import io.varve.cbt.csi.proto.BlockMetadata;
import io.varve.cbt.csi.proto.BlockMetadataType;
import io.varve.volume.BlockBitmap;
import io.varve.volume.Extent;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Folds the messages of all calls for one answer into a bitmap, and checks each: a driver that
 * contradicts itself is not to be relied on. Ranges may come in any order and more than once. For
 * one thread at a time.
 */
final class RangeFolder {

    private static final long MOST_BYTES = BlockBitmap.MAX_BLOCKS * BLOCK_BYTES;

    private final String question;
    private final BlockBitmap.Builder blocks = BlockBitmap.builder();
    private final Set<String> warnings = new LinkedHashSet<>();
    private OptionalLong capacity = OptionalLong.empty();
    private BlockMetadataType type = BlockMetadataType.UNKNOWN;
    private long ranges;
    private boolean sorted = true;

    /** End of the last range, in order of bytes. */
    private long next;

    /** Of the call that runs: where it started, and the end of its last range. */
    private long start;

    private long lastEnd;
    private boolean repeats;

    /**
     * @param question as errors name it
     */
    RangeFolder(String question) {
        this.question = question;
    }

    /** A call begins that asks for what ends behind an offset. */
    void begin(long offset) {
        start = offset;
        lastEnd = 0;
        repeats = false;
    }

    /** Takes the ranges of one message. */
    void add(BlockMetadataType messageType, long messageCapacity, List<BlockMetadata> tuples)
            throws TrackingException {
        checkConstant(messageType, messageCapacity);
        for (BlockMetadata tuple : tuples) {
            add(tuple.getByteOffset(), tuple.getSizeBytes());
        }
    }

    private void checkConstant(BlockMetadataType messageType, long messageCapacity)
            throws TrackingException {
        if (messageCapacity < 0 || messageCapacity > MOST_BYTES) {
            throw failed("the volume has %d bytes, it says".formatted(messageCapacity));
        }
        if (capacity.isEmpty()) {
            capacity = OptionalLong.of(messageCapacity);
            type = messageType;
            if (type != BlockMetadataType.FIXED_LENGTH
                    && type != BlockMetadataType.VARIABLE_LENGTH) {
                warnings.add("the driver does not say whether its ranges have one length");
            }
        }
        if (capacity.getAsLong() != messageCapacity) {
            throw failed(
                    "the volume has %d bytes, it said first, and now %d"
                            .formatted(capacity.getAsLong(), messageCapacity));
        }
        if (type != messageType) {
            throw failed("ranges are %s, it said first, and now %s".formatted(type, messageType));
        }
    }

    private void add(long offset, long size) throws TrackingException {
        if (offset < 0 || size < 0 || offset > Long.MAX_VALUE - size) {
            throw failed("range at byte %d of %d bytes".formatted(offset, size));
        }
        if (size == 0) {
            return;
        }
        long end = offset + size;
        repeats |= end <= start;
        if (offset < lastEnd) {
            sorted = false;
            warnings.add(
                    "the driver's ranges overlap or are not in order; they are taken as a set");
        }
        lastEnd = Math.max(lastEnd, end);
        next = Math.max(next, end);
        ranges++;
        long limit = capacity.orElseThrow();
        if (offset >= limit) {
            warnings.add("the driver has ranges behind the end of the volume; they are ignored");
        } else {
            blocks.addBytes(new Extent(offset, Math.min(end, limit) - offset));
        }
    }

    /** Where the answer goes on; all of it comes again if it has no order. */
    long resumeAt() {
        return sorted ? next : 0;
    }

    /** End of the last range. */
    long next() {
        return next;
    }

    /**
     * Whether the call gave ranges that it was not asked for: what else it does is anybody's guess.
     */
    boolean repeats() {
        return repeats;
    }

    /** Whether nothing can follow. */
    boolean reachesTheEnd() {
        return capacity.isPresent() && next >= capacity.getAsLong();
    }

    ReportedBlocks build(int calls) {
        return new ReportedBlocks(blocks.build(), capacity, ranges, calls, List.copyOf(warnings));
    }

    private TrackingException failed(String found) {
        return new TrackingException(
                Kind.FAILED, "asked for the %s: %s".formatted(question, found), null);
    }
}
