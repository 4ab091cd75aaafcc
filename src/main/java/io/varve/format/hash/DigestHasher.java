package io.varve.format.hash;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.Blake2sDigest;
import org.bouncycastle.crypto.digests.Blake3Digest;
import org.bouncycastle.crypto.params.Blake3Parameters;

/** A keyed digest of BouncyCastle's, cut to the length asked for. */
final class DigestHasher implements ContentHasher {

    private static final int BLAKE3_KEY_BYTES = 32;

    /** What kopia stretches a shorter secret with. */
    private static final String BLAKE3_CONTEXT = "kopia blake3 derived key v1";

    /** BouncyCastle takes arrays only; other buffers go through one of this size. */
    private static final int PIECE_BYTES = 16 * 1024;

    private final Digest digest;
    private final int hashBytes;
    private final byte[] piece = new byte[PIECE_BYTES];

    /**
     * @param digest keyed, at its start, and back there with its key after each digest
     */
    private DigestHasher(Digest digest, int hashBytes) {
        this.digest = digest;
        this.hashBytes = hashBytes;
    }

    static DigestHasher blake2s(byte[] secret, int hashBytes) {
        return new DigestHasher(new Blake2sDigest(secret, hashBytes, null, null), hashBytes);
    }

    /**
     * @param key {@link #blake3Key}
     */
    static DigestHasher blake3(byte[] key, int hashBytes) {
        Blake3Digest digest = new Blake3Digest();
        digest.init(Blake3Parameters.key(key));
        return new DigestHasher(digest, hashBytes);
    }

    /** BLAKE3 takes a key of 32 bytes: a longer secret is cut, a shorter one stretched. */
    static byte[] blake3Key(byte[] secret) {
        return secret.length < BLAKE3_KEY_BYTES
                ? blake3DerivedKey(secret)
                : Arrays.copyOf(secret, BLAKE3_KEY_BYTES);
    }

    static byte[] blake3DerivedKey(byte[] secret) {
        Blake3Digest derivation = new Blake3Digest();
        derivation.init(Blake3Parameters.context(BLAKE3_CONTEXT.getBytes(US_ASCII)));
        derivation.update(secret, 0, secret.length);
        byte[] key = new byte[BLAKE3_KEY_BYTES];
        derivation.doFinal(key, 0);
        return key;
    }

    @Override
    public byte[] hash(ByteBuffer content) {
        if (content.hasArray()) {
            int start = content.arrayOffset() + content.position();
            digest.update(content.array(), start, content.remaining());
        } else {
            ByteBuffer rest = content.duplicate();
            while (rest.hasRemaining()) {
                int length = Math.min(rest.remaining(), piece.length);
                rest.get(piece, 0, length);
                digest.update(piece, 0, length);
            }
        }
        byte[] hash = new byte[digest.getDigestSize()];
        digest.doFinal(hash, 0);
        return Arrays.copyOf(hash, hashBytes);
    }
}
