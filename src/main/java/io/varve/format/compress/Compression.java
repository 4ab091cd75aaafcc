package io.varve.format.compress;

import io.varve.format.CorruptFormatException;
import io.varve.format.UnsupportedFormatException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * How a content's bytes are packed before they are sealed. A packed content is
 *
 * <pre>
 * offset size field
 *      0    4 header id, big-endian; the content's index entry repeats it
 *      4    n stream
 * </pre>
 *
 * and one that is not packed ({@link #NONE}) its plain bytes, without a header. All are read;
 * {@link ZstdCompressor} writes those of the zstd family. Within a family only the effort of the
 * writer differs. Safe for many threads.
 */
public enum Compression {
    NONE(0, "none", StreamKind.STORED),
    GZIP(0x1000, "gzip", StreamKind.GZIP),
    GZIP_BEST_SPEED(0x1001, "gzip-best-speed", StreamKind.GZIP),
    GZIP_BEST(0x1002, "gzip-best-compression", StreamKind.GZIP),
    ZSTD(0x1100, "zstd", StreamKind.ZSTD),
    ZSTD_FASTEST(0x1101, "zstd-fastest", StreamKind.ZSTD),
    ZSTD_BETTER(0x1102, "zstd-better-compression", StreamKind.ZSTD),
    ZSTD_BEST(0x1103, "zstd-best-compression", StreamKind.ZSTD),
    S2(0x1200, "s2-default", StreamKind.S2),
    S2_BETTER(0x1201, "s2-better", StreamKind.S2),
    S2_PARALLEL_4(0x1202, "s2-parallel-4", StreamKind.S2),
    S2_PARALLEL_8(0x1203, "s2-parallel-8", StreamKind.S2),
    PGZIP(0x1300, "pgzip", StreamKind.GZIP),
    PGZIP_BEST_SPEED(0x1301, "pgzip-best-speed", StreamKind.GZIP),
    PGZIP_BEST(0x1302, "pgzip-best-compression", StreamKind.GZIP),
    LZ4(0x1400, "lz4", StreamKind.LZ4),
    DEFLATE(0x1500, "deflate-default", StreamKind.DEFLATE),
    DEFLATE_BEST_SPEED(0x1501, "deflate-best-speed", StreamKind.DEFLATE),
    DEFLATE_BEST(0x1502, "deflate-best-compression", StreamKind.DEFLATE);

    /** Length of the header id before a stream, in bytes. */
    public static final int HEADER_BYTES = 4;

    /** Where unpacking to an unknown length starts: four times the stream, and at least this. */
    private static final int FIRST_GUESS_BYTES = 16 * 1024;

    private final int headerId;
    private final String compressorName;
    private final StreamKind kind;

    Compression(int headerId, String compressorName, StreamKind kind) {
        this.headerId = headerId;
        this.compressorName = compressorName;
        this.kind = kind;
    }

    /** The compression with this header id, as it stands in an index or before a stream. */
    public static Optional<Compression> ofHeader(int headerId) {
        return Arrays.stream(values()).filter(c -> c.headerId == headerId).findFirst();
    }

    /** The compression that policies call {@code compressorName}. */
    public static Compression named(String compressorName) throws UnsupportedFormatException {
        for (Compression compression : values()) {
            if (compression.compressorName.equals(compressorName)) {
                return compression;
            }
        }
        throw new UnsupportedFormatException(
                "compression '%s' is not known".formatted(compressorName));
    }

    /** Whether {@link ZstdCompressor} writes it. */
    public boolean isWritable() {
        return this == NONE || kind == StreamKind.ZSTD;
    }

    /** The id in an index entry and before a stream; 0 for {@link #NONE}. */
    public int headerId() {
        return headerId;
    }

    /** The name in a policy. */
    public String compressorName() {
        return compressorName;
    }

    /**
     * Unpacks a content into {@code target}, whose remaining bytes are its plain length, and fills
     * it. Leaves {@code stored} as it is. Without a copy for zstd, deflate and gzip from one direct
     * buffer into another.
     *
     * @throws CorruptFormatException if the header names another compression, the stream is
     *     damaged, or the plain length differs; what {@code target} holds then is not defined
     */
    public void decompress(ByteBuffer stored, ByteBuffer target) throws CorruptFormatException {
        int expected = target.remaining();
        if (!kind.decoder().decode(stream(stored), target)) {
            throw new CorruptFormatException(
                    what(), 0, "unpacks to more than the expected %d bytes".formatted(expected));
        }
        if (target.hasRemaining()) {
            throw new CorruptFormatException(
                    what(),
                    0,
                    "unpacks to %d bytes, not to the expected %d"
                            .formatted(expected - target.remaining(), expected));
        }
    }

    /**
     * Unpacks a content whose plain length is not known. Leaves {@code stored} as it is. Takes up
     * to four times the memory of the result, and never more than that of {@code maxLength}.
     *
     * @param maxLength the most bytes that the result may have
     */
    public byte[] decompress(ByteBuffer stored, int maxLength) throws CorruptFormatException {
        ByteBuffer stream = stream(stored);
        StreamDecoder decoder = kind.decoder();
        long guess = Math.max(4L * stream.remaining(), FIRST_GUESS_BYTES);
        while (true) {
            ByteBuffer target = ByteBuffer.allocate((int) Math.min(guess, maxLength));
            if (decoder.decode(stream.duplicate(), target)) {
                return Arrays.copyOf(target.array(), target.position());
            }
            if (target.capacity() == maxLength) {
                throw new CorruptFormatException(
                        what(),
                        0,
                        "unpacks to more than the allowed %d bytes".formatted(maxLength));
            }
            guess *= 2;
        }
    }

    /** What follows the header, after a check of it. */
    private ByteBuffer stream(ByteBuffer stored) throws CorruptFormatException {
        if (this == NONE) {
            return stored.duplicate();
        }
        if (stored.remaining() < HEADER_BYTES) {
            throw new CorruptFormatException(
                    what(), 0, "%d bytes have no room for a header".formatted(stored.remaining()));
        }
        ByteBuffer stream = stored.duplicate();
        int found = stream.getInt();
        if (found != headerId) {
            throw new CorruptFormatException(
                    what(), 0, "header is 0x%x, not 0x%x".formatted(found, headerId));
        }
        return stream;
    }

    private String what() {
        return compressorName + " content";
    }
}
