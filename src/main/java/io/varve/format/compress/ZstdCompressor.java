package io.varve.format.compress;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdException;
import io.varve.format.UnsupportedFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Packs contents with zstd, as they are stored: the compression's header id, then a standard frame
 * with its content's size and a checksum.
 *
 * <p>Not thread-safe: one per thread. Holds memory outside the heap until it is closed.
 */
public final class ZstdCompressor implements AutoCloseable {

    private final Compression compression;
    private final ZstdCompressCtx context;

    /**
     * A compressor for a compression of the zstd family.
     *
     * @throws UnsupportedFormatException for another family: those are only read
     */
    public ZstdCompressor(Compression compression) throws UnsupportedFormatException {
        this.compression = compression;
        int level = level(compression);
        context = new ZstdCompressCtx();
        context.setLevel(level).setChecksum(true).setContentSize(true);
    }

    /** What goes into the index for a content that was packed. */
    public Compression compression() {
        return compression;
    }

    /**
     * Packs the remaining bytes of {@code plain}, which it leaves as it is, and advances {@code
     * target}. Direct buffers on both sides are not copied.
     *
     * @param target has as much room as {@code plain} has bytes
     * @return false if the result, with its header, would not be smaller than {@code plain}, which
     *     is then to be stored as it is; {@code target} stays where it was
     */
    public boolean compress(ByteBuffer plain, ByteBuffer target) {
        if (target.remaining() < plain.remaining()) {
            throw new IllegalArgumentException(
                    "target has room for %d bytes, not for %d"
                            .formatted(target.remaining(), plain.remaining()));
        }
        int room = plain.remaining() - Compression.HEADER_BYTES - 1;
        if (room <= 0) {
            return false;
        }
        int start = target.position();
        try {
            ByteBuffer frame = target.slice(start + Compression.HEADER_BYTES, room);
            int length =
                    plain.isDirect() && target.isDirect()
                            ? context.compress(frame, plain.duplicate())
                            : compressArrays(frame, plain.duplicate());
            target.duplicate().order(ByteOrder.BIG_ENDIAN).putInt(compression.headerId());
            target.position(start + Compression.HEADER_BYTES + length);
            return true;
        } catch (ZstdException e) {
            if (e.getErrorCode() == Zstd.errDstSizeTooSmall()) {
                return false;
            }
            throw new IllegalStateException("zstd cannot pack a content", e);
        }
    }

    private int compressArrays(ByteBuffer frame, ByteBuffer plain) {
        byte[] source = new byte[plain.remaining()];
        plain.get(source);
        byte[] packed = new byte[frame.remaining()];
        int length = context.compressByteArray(packed, 0, packed.length, source, 0, source.length);
        frame.put(packed, 0, length);
        return length;
    }

    @Override
    public void close() {
        context.close();
    }

    /**
     * The level of libzstd that comes near to what kopia's encoder does under this name, in size
     * and effort. Readers do not care.
     */
    private static int level(Compression compression) throws UnsupportedFormatException {
        return switch (compression) {
            case ZSTD_FASTEST -> 1;
            case ZSTD -> 3;
            case ZSTD_BETTER -> 7;
            case ZSTD_BEST -> 11;
            case NONE,
                    GZIP,
                    GZIP_BEST_SPEED,
                    GZIP_BEST,
                    S2,
                    S2_BETTER,
                    S2_PARALLEL_4,
                    S2_PARALLEL_8,
                    PGZIP,
                    PGZIP_BEST_SPEED,
                    PGZIP_BEST,
                    LZ4,
                    DEFLATE,
                    DEFLATE_BEST_SPEED,
                    DEFLATE_BEST ->
                    throw new UnsupportedFormatException(
                            ("compression '%s' can be read, but not written; use zstd,"
                                            + " zstd-fastest or zstd-better-compression")
                                    .formatted(compression.compressorName()));
        };
    }
}
