package io.varve.format.crypto;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.varve.format.CorruptFormatException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The keys that come from a repository's password, and the envelope around the format blob's inner
 * JSON and {@code kopia.blobcfg}:
 *
 * <pre>
 * offset size field
 *      0   12 nonce
 *     12    n AES-256-GCM ciphertext, n bytes as the plain text
 * 12 + n   16 tag
 * </pre>
 *
 * Its key and its additional data are derived from the format key. Stateless, safe for many
 * threads.
 */
public final class FormatKeys {

    /** Length of the format key and of each key derived from it, in bytes. */
    public static final int KEY_BYTES = 32;

    /** Length of a nonce, in bytes. */
    public static final int NONCE_BYTES = 12;

    private static final int TAG_BYTES = 16;

    /** Kopia's key derivations refuse a shorter salt. */
    private static final int MIN_SALT_BYTES = 16;

    private static final int PBKDF2_ITERATIONS = 600_000;

    private FormatKeys() {}

    /** As the other one, for a password in characters. Neither is wiped, nor kept. */
    public static byte[] derive(KeyDerivation derivation, char[] password, byte[] uniqueId)
            throws CorruptFormatException {
        ByteBuffer utf8 = UTF_8.encode(CharBuffer.wrap(password));
        byte[] bytes = new byte[utf8.remaining()];
        utf8.get(bytes);
        try {
            return derive(derivation, bytes, uniqueId);
        } finally {
            Arrays.fill(bytes, (byte) 0);
            utf8.clear().put(new byte[utf8.capacity()]);
        }
    }

    /**
     * The format key. Takes a good part of a second, by intention.
     *
     * @param password UTF-8
     * @param uniqueId of the repository, at least 16 bytes
     */
    public static byte[] derive(KeyDerivation derivation, byte[] password, byte[] uniqueId)
            throws CorruptFormatException {
        if (uniqueId.length < MIN_SALT_BYTES) {
            throw new CorruptFormatException(
                    "format blob",
                    0,
                    "unique id has %d bytes, not at least %d"
                            .formatted(uniqueId.length, MIN_SALT_BYTES));
        }
        return switch (derivation) {
            case SCRYPT_65536_8_1 -> Scrypt.derive(password, uniqueId, 65536, KEY_BYTES);
            case PBKDF2_SHA256_600000 ->
                    Pbkdf2.derive(password, uniqueId, PBKDF2_ITERATIONS, KEY_BYTES);
        };
    }

    /**
     * A key for one purpose: HKDF-SHA256.
     *
     * @param key the master key if the repository allows a change of password, or else the format
     *     key
     * @param uniqueId of the repository
     * @param purpose such as {@code maintenance schedule}
     * @param length of the result, in bytes
     */
    public static byte[] deriveKey(byte[] key, byte[] uniqueId, String purpose, int length) {
        return hkdf(key, uniqueId, purpose.getBytes(UTF_8), length);
    }

    /**
     * Seals {@code plain} in an envelope.
     *
     * @param nonce 12 bytes, random
     */
    public static byte[] seal(byte[] formatKey, byte[] uniqueId, byte[] nonce, byte[] plain) {
        if (nonce.length != NONCE_BYTES) {
            throw new IllegalArgumentException(
                    "nonce has %d bytes, not %d".formatted(nonce.length, NONCE_BYTES));
        }
        try {
            Cipher cipher = envelope(Cipher.ENCRYPT_MODE, formatKey, uniqueId, nonce);
            byte[] envelope = Arrays.copyOf(nonce, NONCE_BYTES + plain.length + TAG_BYTES);
            cipher.doFinal(plain, 0, plain.length, envelope, NONCE_BYTES);
            return envelope;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot seal an envelope of AES-256-GCM", e);
        }
    }

    /**
     * Opens an envelope.
     *
     * @throws CorruptFormatException if the password was wrong or the envelope is damaged: the two
     *     cannot be told apart
     */
    public static byte[] open(byte[] formatKey, byte[] uniqueId, byte[] envelope)
            throws CorruptFormatException {
        if (envelope.length < NONCE_BYTES + TAG_BYTES) {
            throw new CorruptFormatException(
                    "envelope",
                    0,
                    "%d bytes, not at least %d"
                            .formatted(envelope.length, NONCE_BYTES + TAG_BYTES));
        }
        try {
            byte[] nonce = Arrays.copyOf(envelope, NONCE_BYTES);
            Cipher cipher = envelope(Cipher.DECRYPT_MODE, formatKey, uniqueId, nonce);
            return cipher.doFinal(envelope, NONCE_BYTES, envelope.length - NONCE_BYTES);
        } catch (AEADBadTagException e) {
            throw new CorruptFormatException(
                    "envelope",
                    0,
                    "authentication tag does not match (wrong password or damaged blob)",
                    e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("cannot open an envelope of AES-256-GCM", e);
        }
    }

    private static Cipher envelope(int mode, byte[] formatKey, byte[] uniqueId, byte[] nonce)
            throws GeneralSecurityException {
        byte[] key = deriveKey(formatKey, uniqueId, "AES", KEY_BYTES);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(
                mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(8 * TAG_BYTES, nonce));
        cipher.updateAAD(deriveKey(formatKey, uniqueId, "CHECKSUM", KEY_BYTES));
        return cipher;
    }

    static byte[] hkdf(byte[] key, byte[] salt, byte[] info, int length) {
        try {
            return KDF.getInstance("HKDF-SHA256")
                    .deriveData(
                            HKDFParameterSpec.ofExtract()
                                    .addIKM(key)
                                    .addSalt(salt)
                                    .thenExpand(info, length));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no HKDF-SHA256", e);
        }
    }
}
