package io.varve.format.pack;

import io.varve.format.Bytes;
import io.varve.format.CorruptFormatException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * The end of a pack, found from its last byte: where the pack's own index lies, and the IV that
 * opens it.
 *
 * <pre>
 * uvarint  flags, 1
 * uvarint  length of the IV; the IV
 * uvarint  offset of the local index from the start of the blob
 * uvarint  length of the local index as stored
 * u32be    CRC-32 (IEEE) of all bytes above
 * u8       number of bytes above, 5 to 255
 * </pre>
 *
 * <p>Recovery of indexes by kopia does not end once it meets a pack without this, so every pack
 * gets one.
 *
 * @param indexIv full hash of the plain local index, at most 64 bytes
 * @param indexOffset in bytes, not negative
 * @param indexLength in bytes as stored, not negative
 */
public record Postamble(Bytes indexIv, long indexOffset, long indexLength) {

    /** The most bytes that a postamble takes, its last one included. */
    public static final int MAX_BYTES = 256;

    private static final int FLAGS = 1;
    private static final int CHECKSUM_BYTES = Integer.BYTES;
    private static final int MIN_LENGTH = 5;
    private static final int MAX_IV_BYTES = 64;

    public Postamble {
        if (indexIv.length() > MAX_IV_BYTES || indexOffset < 0 || indexLength < 0) {
            throw new IllegalArgumentException(
                    "local index with an IV of %s, %d bytes at offset %d"
                            .formatted(indexIv, indexLength, indexOffset));
        }
    }

    /** The bytes that end the pack. */
    public byte[] encode() {
        ByteBuffer out = ByteBuffer.allocate(MAX_BYTES);
        Uvarint.put(out, FLAGS);
        Uvarint.put(out, indexIv.length());
        out.put(indexIv.toArray());
        Uvarint.put(out, indexOffset);
        Uvarint.put(out, indexLength);
        out.putInt(crc32(out.duplicate().flip()));
        out.put((byte) out.position());
        byte[] bytes = new byte[out.position()];
        out.get(0, bytes);
        return bytes;
    }

    /**
     * Reads the postamble at the end of {@code tail}, whose position stays.
     *
     * @param tail the last bytes of a pack, {@value #MAX_BYTES} of them are enough
     * @param pack names the pack in messages; offsets in them are from the postamble's start
     */
    public static Postamble decode(ByteBuffer tail, String pack) throws CorruptFormatException {
        String what = "postamble of pack " + pack;
        ByteBuffer bytes = tail.slice();
        int length = bytes.hasRemaining() ? bytes.get(bytes.limit() - 1) & 0xff : 0;
        int start = bytes.limit() - 1 - length;
        if (length < MIN_LENGTH || start < 0) {
            throw new CorruptFormatException(
                    what,
                    0,
                    "its length is %d in a tail of %d bytes".formatted(length, bytes.limit()));
        }
        int covered = length - CHECKSUM_BYTES;
        ByteBuffer in = bytes.slice(start, covered);
        if (crc32(in.duplicate()) != bytes.getInt(start + covered)) {
            throw new CorruptFormatException(what, covered, "checksum does not match");
        }
        return decodeFields(in, what);
    }

    private static Postamble decodeFields(ByteBuffer in, String what)
            throws CorruptFormatException {
        long flags = Uvarint.get(in, what);
        if (flags != FLAGS) {
            throw new CorruptFormatException(
                    what, 0, "flags are %s, not 1".formatted(Long.toUnsignedString(flags)));
        }
        int at = in.position();
        long ivLength = Uvarint.get(in, what);
        if (ivLength < 0 || ivLength > Math.min(MAX_IV_BYTES, in.remaining())) {
            throw new CorruptFormatException(
                    what, at, "IV of %s bytes".formatted(Long.toUnsignedString(ivLength)));
        }
        byte[] iv = new byte[(int) ivLength];
        in.get(iv);
        at = in.position();
        long offset = Uvarint.get(in, what);
        long length = Uvarint.get(in, what);
        if (offset < 0 || length < 0 || in.hasRemaining()) {
            throw new CorruptFormatException(what, at, "no place of a local index");
        }
        return new Postamble(Bytes.copyOf(iv), offset, length);
    }

    private static int crc32(ByteBuffer bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
