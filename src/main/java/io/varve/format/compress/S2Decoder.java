package io.varve.format.compress;

import io.varve.format.CorruptFormatException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * S2 streams: the framing of Snappy around blocks that extend Snappy's. A stream is a sequence of
 * chunks, all integers little-endian:
 *
 * <pre>
 * size field
 *    1 type    00 block, 01 plain bytes, 02-7f reserved, 80-fd to be skipped, fe padding, ff head
 *    3 length  of what follows
 *    4 masked CRC-32C of the plain bytes, in chunks of type 00 and 01
 *    n data
 * </pre>
 *
 * Streams of Snappy itself are read, too.
 *
 * @see <a href="https://github.com/google/snappy/blob/main/framing_format.txt">Snappy's framing</a>
 */
final class S2Decoder implements StreamDecoder {

    private static final int TYPE_BLOCK = 0x00;
    private static final int TYPE_PLAIN = 0x01;
    private static final int TYPE_FIRST_SKIPPABLE = 0x80;
    private static final int TYPE_HEAD = 0xff;

    private static final String HEAD_S2 = "S2sTwO";
    private static final String HEAD_SNAPPY = "sNaPpY";

    /** S2's own limit of what a chunk unpacks to. */
    private static final int MAX_BLOCK_BYTES = 4 << 20;

    @Override
    public boolean decode(ByteBuffer source, ByteBuffer target) throws CorruptFormatException {
        S2Input stream = new S2Input(source);
        boolean headed = false;
        while (stream.hasRemaining()) {
            int type = stream.unsigned(1);
            int length = stream.unsigned(3);
            S2Input chunk = stream.take(length);
            if (type == TYPE_HEAD) {
                readHead(chunk);
                headed = true;
            } else if (!headed) {
                throw chunk.corrupt("chunk of type 0x%02x before the head".formatted(type));
            } else if (type == TYPE_BLOCK || type == TYPE_PLAIN) {
                if (!readData(chunk, type, target)) {
                    return false;
                }
            } else if (type < TYPE_FIRST_SKIPPABLE) {
                throw chunk.corrupt("chunk of reserved type 0x%02x".formatted(type));
            }
        }
        return true;
    }

    private static void readHead(S2Input chunk) throws CorruptFormatException {
        String head = chunk.latin1();
        if (!head.equals(HEAD_S2) && !head.equals(HEAD_SNAPPY)) {
            throw chunk.corrupt("head of another format");
        }
    }

    private static boolean readData(S2Input chunk, int type, ByteBuffer target)
            throws CorruptFormatException {
        int checksum = chunk.unsigned(4);
        int length = type == TYPE_BLOCK ? S2Block.length(chunk) : chunk.remaining();
        if (length < 0 || length > MAX_BLOCK_BYTES) {
            throw chunk.corrupt(
                    "block of %d bytes, at most %d are allowed"
                            .formatted(Integer.toUnsignedLong(length), MAX_BLOCK_BYTES));
        }
        if (length > target.remaining()) {
            return false;
        }
        byte[] plain = new byte[length];
        if (type == TYPE_BLOCK) {
            new S2Block(chunk, plain).decode();
        } else {
            chunk.copyTo(plain, 0, length);
        }
        CRC32C crc = new CRC32C();
        crc.update(plain);
        int found = mask((int) crc.getValue());
        if (found != checksum) {
            throw chunk.corrupt("checksum is %08x, not %08x".formatted(found, checksum));
        }
        target.put(plain);
        return true;
    }

    /** As Snappy's framing asks: a checksum of data that holds checksums would be weak. */
    private static int mask(int crc) {
        return Integer.rotateRight(crc, 15) + 0xa282ead8;
    }
}
