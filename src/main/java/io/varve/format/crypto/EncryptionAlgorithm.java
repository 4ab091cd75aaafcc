package io.varve.format.crypto;

import io.varve.format.UnsupportedFormatException;
import java.nio.ByteBuffer;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.spec.ChaCha20ParameterSpec;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;

/** The ciphers that a repository can seal its contents with. Both take a key for each item. */
public enum EncryptionAlgorithm {
    AES256_GCM_HMAC_SHA256("AES256-GCM-HMAC-SHA256"),
    CHACHA20_POLY1305_HMAC_SHA256("CHACHA20-POLY1305-HMAC-SHA256");

    private static final int AES_BLOCK_BYTES = 16;

    private final String formatName;

    EncryptionAlgorithm(String formatName) {
        this.formatName = formatName;
    }

    /** The cipher that a repository's format calls {@code formatName}. */
    public static EncryptionAlgorithm named(String formatName) throws UnsupportedFormatException {
        for (EncryptionAlgorithm algorithm : values()) {
            if (algorithm.formatName.equals(formatName)) {
                return algorithm;
            }
        }
        throw new UnsupportedFormatException(
                "encryption '%s' is not known; known are %s and %s"
                        .formatted(
                                formatName,
                                AES256_GCM_HMAC_SHA256.formatName,
                                CHACHA20_POLY1305_HMAC_SHA256.formatName));
    }

    /** The name in a repository's format. */
    public String formatName() {
        return formatName;
    }

    /** What the JDK calls the cipher. */
    String transformation() {
        return switch (this) {
            case AES256_GCM_HMAC_SHA256 -> "AES/GCM/NoPadding";
            case CHACHA20_POLY1305_HMAC_SHA256 -> "ChaCha20-Poly1305";
        };
    }

    /** What the JDK calls the cipher's keys. */
    String keyAlgorithm() {
        return switch (this) {
            case AES256_GCM_HMAC_SHA256 -> "AES";
            case CHACHA20_POLY1305_HMAC_SHA256 -> "ChaCha20";
        };
    }

    /** What the JDK calls the stream cipher inside, which knows no tag. */
    String streamTransformation() {
        return switch (this) {
            case AES256_GCM_HMAC_SHA256 -> "AES/CTR/NoPadding";
            case CHACHA20_POLY1305_HMAC_SHA256 -> "ChaCha20";
        };
    }

    /** Where the stream cipher begins: the counters before are those of the tag's keys. */
    AlgorithmParameterSpec streamParameters(byte[] nonce) {
        return switch (this) {
            // NIST SP 800-38D, 7.1: the tag takes counter 1; RFC 8439, 2.8: counter 0.
            case AES256_GCM_HMAC_SHA256 ->
                    new IvParameterSpec(
                            ByteBuffer.allocate(AES_BLOCK_BYTES).put(nonce).putInt(2).array());
            case CHACHA20_POLY1305_HMAC_SHA256 -> new ChaCha20ParameterSpec(nonce, 1);
        };
    }

    AlgorithmParameterSpec parameters(byte[] nonce) {
        return switch (this) {
            case AES256_GCM_HMAC_SHA256 -> new GCMParameterSpec(8 * ContentCipher.TAG_BYTES, nonce);
            case CHACHA20_POLY1305_HMAC_SHA256 -> new IvParameterSpec(nonce);
        };
    }
}
