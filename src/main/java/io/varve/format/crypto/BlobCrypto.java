package io.varve.format.crypto;

import io.varve.format.CorruptFormatException;
import io.varve.format.hash.ContentHasher;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Seals whole blobs (indexes, session markers, logs) and names them after what they hold: {@code
 * prefix || hex(hash of the plain bytes)}, then {@code "-" || suffix} if there is one.
 *
 * <p>Not thread-safe, as its hasher and cipher: one per thread.
 */
public final class BlobCrypto {

    /** A name, with the hash's last 16 bytes: those are the blob's IV. */
    private static final Pattern NAME = Pattern.compile("[^-]*(?<iv>[0-9a-f]{32})(-.*)?");

    private final ContentHasher hasher;
    private final ContentCipher cipher;

    public BlobCrypto(ContentHasher hasher, ContentCipher cipher) {
        this.hasher = hasher;
        this.cipher = cipher;
    }

    /** A blob as it is stored. {@code body} is ready to be read. */
    public record SealedBlob(String name, ByteBuffer body) {}

    /**
     * Names and seals the remaining bytes of {@code plain}, which it leaves as it is.
     *
     * @param prefix such as {@code xn0_}; without a dash, as the hash is found by the first one
     * @param suffix such as {@code s0011223344556677135-c1}; empty for none
     * @param nonce 12 bytes, random
     */
    public SealedBlob seal(String prefix, ByteBuffer plain, String suffix, byte[] nonce) {
        if (prefix.indexOf('-') >= 0) {
            throw new IllegalArgumentException("blob prefix has a dash: " + prefix);
        }
        byte[] hash = hasher.hash(plain);
        String name = prefix + HexFormat.of().formatHex(hash);
        if (!suffix.isEmpty()) {
            name += "-" + suffix;
        }
        byte[] iv = Arrays.copyOfRange(hash, hash.length - ContentCipher.IV_BYTES, hash.length);
        ByteBuffer body = ByteBuffer.allocate(plain.remaining() + ContentCipher.OVERHEAD);
        cipher.encrypt(plain.duplicate(), iv, nonce, body);
        return new SealedBlob(name, body.flip());
    }

    /**
     * The plain bytes of a blob that was stored under {@code name}. They are those of that name, if
     * whoever sealed them was honest: the hash is not computed again.
     */
    public ByteBuffer open(String name, ByteBuffer body) throws CorruptFormatException {
        byte[] iv = blobIv(name);
        if (body.remaining() < ContentCipher.OVERHEAD) {
            throw new CorruptFormatException(
                    "blob '%s'".formatted(name),
                    0,
                    "%d bytes, not at least %d"
                            .formatted(body.remaining(), ContentCipher.OVERHEAD));
        }
        ByteBuffer plain = ByteBuffer.allocate(body.remaining() - ContentCipher.OVERHEAD);
        try {
            cipher.decrypt(body.duplicate(), iv, plain);
        } catch (CorruptFormatException e) {
            throw new CorruptFormatException(
                    "blob '%s'".formatted(name),
                    0,
                    "authentication tag does not match (damaged, renamed, or of another"
                            + " repository)",
                    e);
        }
        return plain.flip();
    }

    /** The IV of a whole blob: the 32 hex digits before the first dash of its name, or its end. */
    public static byte[] blobIv(String name) throws CorruptFormatException {
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches()) {
            throw new CorruptFormatException(
                    "blob '%s'".formatted(name),
                    0,
                    "its name has no 32 hex digits of a hash before the first dash");
        }
        return HexFormat.of().parseHex(matcher.group("iv"));
    }
}
