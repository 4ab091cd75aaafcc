package io.varve.format.pack;

import io.varve.format.CorruptFormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A copy of the format blob at the start of a pack, in repositories whose password cannot be
 * changed: {@code u16le L || JSON || HMAC-SHA256(JSON) || u16le L}, where L counts JSON and HMAC.
 * The HMAC's key is public, it only tells the copy from other bytes.
 */
public final class FormatReplica {

    /** The greatest L. */
    public static final int MAX_LENGTH = 65_000;

    private static final byte[] KEY = "kopia-repository".getBytes(StandardCharsets.US_ASCII);
    private static final int HMAC_BYTES = 32;

    private FormatReplica() {}

    /**
     * The bytes that begin a pack.
     *
     * @param formatBlob bytes of blob {@code kopia.repository} as stored
     * @throws IllegalArgumentException if they are too many
     */
    public static byte[] encode(byte[] formatBlob) {
        int length = formatBlob.length + HMAC_BYTES;
        if (length > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "format blob has %d bytes, a replica takes at most %d"
                            .formatted(formatBlob.length, MAX_LENGTH - HMAC_BYTES));
        }
        return ByteBuffer.allocate(2 * Short.BYTES + length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putChar((char) length)
                .put(formatBlob)
                .put(hmac(formatBlob))
                .putChar((char) length)
                .array();
    }

    /**
     * The copy of the format blob at the start of {@code pack}, whose position stays.
     *
     * @param name names the pack in messages
     */
    public static byte[] decode(ByteBuffer pack, String name) throws CorruptFormatException {
        String what = "format replica of pack " + name;
        ByteBuffer in = pack.slice().order(ByteOrder.LITTLE_ENDIAN);
        int length = in.remaining() < Short.BYTES ? 0 : in.getChar(0);
        if (length < HMAC_BYTES
                || length > MAX_LENGTH
                || in.remaining() < length + 2 * Short.BYTES) {
            throw new CorruptFormatException(
                    what, 0, "its length is %d in %d bytes".formatted(length, in.remaining()));
        }
        int again = in.getChar(Short.BYTES + length);
        if (again != length) {
            throw new CorruptFormatException(
                    what,
                    Short.BYTES + length,
                    "its length is %d here, %d in front".formatted(again, length));
        }
        byte[] sealed = new byte[length];
        in.get(Short.BYTES, sealed);
        byte[] formatBlob = Arrays.copyOf(sealed, length - HMAC_BYTES);
        byte[] found = Arrays.copyOfRange(sealed, formatBlob.length, length);
        if (!MessageDigest.isEqual(hmac(formatBlob), found)) {
            throw new CorruptFormatException(
                    what, Short.BYTES + formatBlob.length, "HMAC does not match");
        }
        return formatBlob;
    }

    private static byte[] hmac(byte[] formatBlob) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(KEY, "HmacSHA256"));
            return mac.doFinal(formatBlob);
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every JDK has HmacSHA256", missing);
        }
    }
}
