package io.varve.format.hash;

import io.varve.format.UnsupportedFormatException;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The hash functions that a repository can name its contents by. All are keyed with the
 * repository's secret; "keyed" is the native key parameter for BLAKE2 and BLAKE3.
 */
public enum HashAlgorithm {
    BLAKE2B_256_128("BLAKE2B-256-128", 16, 64),
    BLAKE2B_256("BLAKE2B-256", 32, 64),
    BLAKE2S_128("BLAKE2S-128", 16, 32),
    BLAKE2S_256("BLAKE2S-256", 32, 32),
    BLAKE3_256("BLAKE3-256", 32, Integer.MAX_VALUE),
    BLAKE3_256_128("BLAKE3-256-128", 16, Integer.MAX_VALUE),
    HMAC_SHA256("HMAC-SHA256", 32, Integer.MAX_VALUE),
    HMAC_SHA256_128("HMAC-SHA256-128", 16, Integer.MAX_VALUE),
    HMAC_SHA224("HMAC-SHA224", 28, Integer.MAX_VALUE),
    HMAC_SHA3_224("HMAC-SHA3-224", 28, Integer.MAX_VALUE),
    HMAC_SHA3_256("HMAC-SHA3-256", 32, Integer.MAX_VALUE);

    private final String formatName;
    private final int hashBytes;
    private final int maxSecretBytes;

    HashAlgorithm(String formatName, int hashBytes, int maxSecretBytes) {
        this.formatName = formatName;
        this.hashBytes = hashBytes;
        this.maxSecretBytes = maxSecretBytes;
    }

    /** The function that a repository's format calls {@code formatName}. */
    public static HashAlgorithm named(String formatName) throws UnsupportedFormatException {
        for (HashAlgorithm algorithm : values()) {
            if (algorithm.formatName.equals(formatName)) {
                return algorithm;
            }
        }
        throw new UnsupportedFormatException(
                "hash function '%s' is not known; known are %s"
                        .formatted(
                                formatName,
                                Arrays.stream(values())
                                        .map(HashAlgorithm::formatName)
                                        .collect(Collectors.joining(", "))));
    }

    /** The name in a repository's format. */
    public String formatName() {
        return formatName;
    }

    /** Length of the hash in bytes: 16, 28 or 32. */
    public int hashBytes() {
        return hashBytes;
    }

    /**
     * Refuses a repository's secret whose length this function cannot take. Kopia refuses an empty
     * one for every function.
     */
    public void checkSecret(byte[] secret) throws UnsupportedFormatException {
        if (!accepts(secret)) {
            throw new UnsupportedFormatException(secretMessage(secret));
        }
    }

    /**
     * A new hasher.
     *
     * @param secret of a length that {@link #checkSecret} lets pass; copied
     */
    public ContentHasher hasher(byte[] secret) {
        return hasher(secret, () -> LaneSupport.isReady(this));
    }

    /**
     * @param lanesReady whether several contents are to be hashed at once, where that is possible
     */
    ContentHasher hasher(byte[] secret, BooleanSupplier lanesReady) {
        if (!accepts(secret)) {
            throw new IllegalArgumentException(secretMessage(secret));
        }
        byte[] key = secret.clone();
        return switch (this) {
            case BLAKE2B_256_128, BLAKE2B_256 -> {
                Blake2bHasher single = new Blake2bHasher(key, 32, hashBytes);
                yield inLanes(single, single::lanes, lanesReady);
            }
            case BLAKE2S_128, BLAKE2S_256 -> DigestHasher.blake2s(key, hashBytes);
            case BLAKE3_256, BLAKE3_256_128 -> {
                byte[] blake3Key = DigestHasher.blake3Key(key);
                yield inLanes(
                        DigestHasher.blake3(blake3Key, hashBytes),
                        () -> new Blake3Lanes(blake3Key),
                        lanesReady);
            }
            case HMAC_SHA256, HMAC_SHA256_128 ->
                    inLanes(
                            new MacHasher("HmacSHA256", key, hashBytes),
                            () -> Sha256Lanes.sha256(key),
                            lanesReady);
            case HMAC_SHA224 ->
                    inLanes(
                            new MacHasher("HmacSHA224", key, hashBytes),
                            () -> Sha256Lanes.sha224(key),
                            lanesReady);
            case HMAC_SHA3_224 -> new MacHasher("HmacSHA3-224", key, hashBytes);
            case HMAC_SHA3_256 -> new MacHasher("HmacSHA3-256", key, hashBytes);
        };
    }

    private ContentHasher inLanes(
            ContentHasher single, Supplier<LaneHasher> lanes, BooleanSupplier ready) {
        return LaneSupport.isPresent() ? new BatchHasher(single, lanes, ready, hashBytes) : single;
    }

    /** Whether there is code to hash in the lanes of vectors. */
    boolean hasLanes() {
        return switch (this) {
            case BLAKE2B_256_128, BLAKE2B_256, BLAKE3_256, BLAKE3_256_128 -> true;
            case HMAC_SHA256, HMAC_SHA256_128, HMAC_SHA224 -> true;
            case BLAKE2S_128, BLAKE2S_256, HMAC_SHA3_224, HMAC_SHA3_256 -> false;
        };
    }

    private boolean accepts(byte[] secret) {
        return secret.length >= 1 && secret.length <= maxSecretBytes;
    }

    private String secretMessage(byte[] secret) {
        return secret.length == 0
                ? "the repository's format holds no secret to key %s with".formatted(formatName)
                : "the repository's secret has %d bytes, but %s takes 1 to %d"
                        .formatted(secret.length, formatName, maxSecretBytes);
    }
}
