package io.varve.format.crypto;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.varve.format.ContentId;
import io.varve.format.CorruptFormatException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals and opens contents, local indexes and whole blobs. A sealed item is
 *
 * <pre>
 * offset size field
 *      0   12 nonce, random
 *     12    n ciphertext, n bytes as the plain text
 * 12 + n   16 tag
 * </pre>
 *
 * under a key of its own: HMAC-SHA256 of its IV, which is also the additional data. So the same
 * bytes are sealed differently each time, and an item that was stored under another's name does not
 * open.
 *
 * <p>Not thread-safe: one per thread. Direct buffers on both sides are the fast path: the JDK's
 * AES-GCM on arrays runs at 75 MiB/s for the first seconds, on direct buffers it is fast at once.
 */
public final class ContentCipher {

    /** How much longer a sealed item is than its plain text: nonce and tag, in bytes. */
    public static final int OVERHEAD = 28;

    /** Length of a nonce, in bytes. */
    public static final int NONCE_BYTES = 12;

    static final int TAG_BYTES = 16;

    /**
     * Length of the IV of a content and of a whole blob; a local index has its full hash instead.
     */
    static final int IV_BYTES = 16;

    static final String WRONG_TAG =
            "authentication tag does not match (damaged, or of another repository)";

    /** Kopia gives this to HKDF as the salt, and no info. */
    private static final byte[] KEY_SALT = "encryption".getBytes(US_ASCII);

    private static final int KEY_BYTES = 32;

    private final EncryptionAlgorithm algorithm;
    private final Mac itemKeys;

    /**
     * @param masterKey of the repository; not kept
     */
    public ContentCipher(EncryptionAlgorithm algorithm, byte[] masterKey) {
        this.algorithm = algorithm;
        byte[] secret = FormatKeys.hkdf(masterKey, KEY_SALT, new byte[0], KEY_BYTES);
        try {
            itemKeys = Mac.getInstance("HmacSHA256");
            itemKeys.init(new SecretKeySpec(secret, "HmacSHA256"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no HmacSHA256", e);
        }
    }

    /** The IV of a content in a pack: the last 16 bytes of its hash, without the prefix. */
    public static byte[] contentIv(ContentId id) throws CorruptFormatException {
        byte[] hash = id.hash();
        if (hash.length < IV_BYTES) {
            throw new CorruptFormatException(
                    "content id '%s'".formatted(id),
                    0,
                    "its hash has %d bytes, an iv takes %d".formatted(hash.length, IV_BYTES));
        }
        return Arrays.copyOfRange(hash, hash.length - IV_BYTES, hash.length);
    }

    /**
     * Seals the remaining bytes of {@code plain}, and advances both buffers.
     *
     * @param nonce 12 bytes, random; never the same twice for the same item
     * @param target has room for {@link #OVERHEAD} bytes more than {@code plain}; overlaps nothing
     */
    public void encrypt(ByteBuffer plain, byte[] iv, byte[] nonce, ByteBuffer target) {
        if (nonce.length != NONCE_BYTES) {
            throw new IllegalArgumentException(
                    "nonce has %d bytes, not %d".formatted(nonce.length, NONCE_BYTES));
        }
        checkRoom(plain.remaining() + OVERHEAD, target);
        try {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE, iv, nonce);
            target.put(nonce);
            cipher.doFinal(plain, target);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot seal with " + algorithm.formatName(), e);
        }
    }

    /**
     * Opens the remaining bytes of {@code sealed}, and advances both buffers.
     *
     * @param target has room for the plain text, {@link #OVERHEAD} bytes less than {@code sealed};
     *     overlaps nothing. What it holds after a failure is not defined
     * @throws CorruptFormatException if the item is damaged, is another one than {@code iv} says,
     *     or was sealed under another master key
     */
    public void decrypt(ByteBuffer sealed, byte[] iv, ByteBuffer target)
            throws CorruptFormatException {
        if (sealed.remaining() < OVERHEAD) {
            throw new CorruptFormatException(
                    item(iv),
                    0,
                    "%d bytes, not at least %d".formatted(sealed.remaining(), OVERHEAD));
        }
        checkRoom(sealed.remaining() - OVERHEAD, target);
        try {
            byte[] nonce = new byte[NONCE_BYTES];
            sealed.get(nonce);
            cipher(Cipher.DECRYPT_MODE, iv, nonce).doFinal(sealed, target);
        } catch (AEADBadTagException e) {
            throw new CorruptFormatException(item(iv), 0, WRONG_TAG, e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot open with " + algorithm.formatName(), e);
        }
    }

    /**
     * Opens an item that is too big for memory.
     *
     * @param sealedBytes length of the item, nonce and tag included
     * @throws CorruptFormatException if so few bytes cannot be an item
     */
    public SealedStream stream(byte[] iv, long sealedBytes) throws CorruptFormatException {
        if (sealedBytes < OVERHEAD) {
            throw new CorruptFormatException(
                    item(iv), 0, "%d bytes, not at least %d".formatted(sealedBytes, OVERHEAD));
        }
        return new SealedStream(algorithm, key(iv), iv, sealedBytes);
    }

    /**
     * A new cipher for each item: one that is used again refuses the nonce of the item before. That
     * costs less than a hundredth of sealing a block.
     */
    private Cipher cipher(int mode, byte[] iv, byte[] nonce) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(algorithm.transformation());
        cipher.init(mode, key(iv), algorithm.parameters(nonce));
        cipher.updateAAD(iv);
        return cipher;
    }

    private SecretKeySpec key(byte[] iv) {
        return new SecretKeySpec(itemKeys.doFinal(iv), algorithm.keyAlgorithm());
    }

    private static void checkRoom(int needed, ByteBuffer target) {
        if (target.remaining() < needed) {
            throw new IllegalArgumentException(
                    "target has room for %d bytes, not for %d"
                            .formatted(target.remaining(), needed));
        }
    }

    static String item(byte[] iv) {
        return "sealed item with iv " + HexFormat.of().formatHex(iv);
    }
}
