package io.varve.format.compress;

import io.varve.format.CorruptFormatException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;

/**
 * Gzip (RFC 1952): one or more members, each of
 *
 * <pre>
 * size field
 *    4 1f 8b, method 8 (deflate), flags       n deflate stream
 *    6 time, extra flags, system              4 CRC-32 of the plain bytes, little-endian
 *      optional fields, by flags              4 length of the plain bytes modulo 2^32, little-endian
 * </pre>
 */
final class GzipDecoder implements StreamDecoder {

    private static final int MAGIC = 0x1f8b08;

    private static final int FLAG_HEADER_CRC = 0x02;
    private static final int FLAG_EXTRA = 0x04;
    private static final int FLAG_NAME = 0x08;
    private static final int FLAG_COMMENT = 0x10;
    private static final int FLAGS_RESERVED = 0xe0;

    @Override
    public boolean decode(ByteBuffer source, ByteBuffer target) throws CorruptFormatException {
        int start = source.position();
        try {
            do {
                int member = source.position() - start;
                readHeader(source, member);
                ByteBuffer plain = target.duplicate();
                if (!DeflateDecoder.inflate(source, target)) {
                    return false;
                }
                readTrailer(source, plain.limit(target.position()), member);
            } while (source.hasRemaining());
            return true;
        } catch (BufferUnderflowException e) {
            throw new CorruptFormatException(
                    "gzip stream", source.position() - start, "ends early", e);
        }
    }

    private static void readHeader(ByteBuffer source, int member) throws CorruptFormatException {
        source.order(ByteOrder.BIG_ENDIAN);
        int head = source.getInt();
        int flags = head & 0xff;
        if (head >>> 8 != MAGIC || (flags & FLAGS_RESERVED) != 0) {
            throw new CorruptFormatException(
                    "gzip stream", member, "not the head of a member: 0x%08x".formatted(head));
        }
        skip(source, 6);
        if ((flags & FLAG_EXTRA) != 0) {
            skip(source, Short.toUnsignedInt(Short.reverseBytes(source.getShort())));
        }
        if ((flags & FLAG_NAME) != 0) {
            skipText(source);
        }
        if ((flags & FLAG_COMMENT) != 0) {
            skipText(source);
        }
        if ((flags & FLAG_HEADER_CRC) != 0) {
            skip(source, 2);
        }
    }

    private static void readTrailer(ByteBuffer source, ByteBuffer plain, int member)
            throws CorruptFormatException {
        source.order(ByteOrder.LITTLE_ENDIAN);
        int checksum = source.getInt();
        int length = source.getInt();
        int found = plain.remaining();
        CRC32 crc = new CRC32();
        crc.update(plain);
        if ((int) crc.getValue() != checksum || found != length) {
            throw new CorruptFormatException(
                    "gzip stream",
                    member,
                    "member of %d bytes with CRC-32 %08x, not %d bytes with %08x"
                            .formatted(
                                    found,
                                    crc.getValue(),
                                    Integer.toUnsignedLong(length),
                                    checksum));
        }
    }

    private static void skip(ByteBuffer source, int count) {
        if (count > source.remaining()) {
            throw new BufferUnderflowException();
        }
        source.position(source.position() + count);
    }

    private static void skipText(ByteBuffer source) {
        while (source.get() != 0) {
            // Names and comments end with a zero byte.
        }
    }
}
