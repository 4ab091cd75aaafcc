package io.varve.repository.content;

import io.varve.format.CorruptFormatException;
import io.varve.format.RepositoryFormat;
import io.varve.format.UnsupportedFormatException;
import io.varve.format.crypto.BlobCrypto;
import io.varve.format.crypto.ContentCipher;
import io.varve.format.crypto.EncryptionAlgorithm;
import io.varve.format.crypto.SealedStream;
import io.varve.format.ecc.EccDecoder;
import io.varve.format.hash.ContentHasher;
import io.varve.format.hash.HashAlgorithm;
import io.varve.format.hash.LaneSupport;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The algorithms and keys of one repository. Safe for many threads; what it hands out is for one
 * thread each.
 */
public final class RepositoryCrypto {

    /** What is read and opened at a time, in bytes. */
    private static final int PIECE_BYTES = 1 << 20;

    private final HashAlgorithm hash;
    private final EncryptionAlgorithm encryption;
    private final byte[] secret;
    private final byte[] masterKey;
    private final Optional<EccDecoder> ecc;

    /**
     * @throws UnsupportedFormatException if the format names an algorithm that is not known here
     */
    public RepositoryCrypto(RepositoryFormat format) throws UnsupportedFormatException {
        hash = HashAlgorithm.named(format.hash());
        encryption = EncryptionAlgorithm.named(format.encryption());
        secret = format.secret().toArray();
        masterKey = format.masterKey().toArray();
        hash.checkSecret(secret);
        ecc =
                format.hasErrorCorrection()
                        ? Optional.of(EccDecoder.of(format.ecc(), format.eccOverheadPercent()))
                        : Optional.empty();
    }

    /** Length of every content hash in this repository, in bytes. */
    public int hashBytes() {
        return hash.hashBytes();
    }

    /** A hasher for one thread. */
    public ContentHasher newHasher() {
        return hash.hasher(secret);
    }

    /** Has hashers compiled for many contents at once, if so many bytes to come are worth it. */
    public void prepareHashing(long bytes) {
        LaneSupport.prepare(hash, bytes);
    }

    /** Whether so many bytes are worth a JVM that starts more slowly, and has vectors. */
    public boolean isWorthVectors(long bytes) {
        return LaneSupport.isWorthAStart(hash, bytes);
    }

    ContentCipher newCipher() {
        return new ContentCipher(encryption, masterKey);
    }

    /** Whether stored items are wrapped for error correction, so that only whole ones open. */
    boolean wraps() {
        return ecc.isPresent();
    }

    /** What was encrypted, out of its error-correcting wrapping where the repository has one. */
    ByteBuffer unwrap(ByteBuffer stored) throws CorruptFormatException {
        return ecc.isEmpty() ? stored : ecc.get().unwrap(stored);
    }

    /** Opens a whole encrypted blob: a small index, a compaction log. */
    ByteBuffer openBlob(String name, ByteBuffer body) throws CorruptFormatException {
        return new BlobCrypto(newHasher(), newCipher()).open(name, unwrap(body));
    }

    /**
     * Opens a whole encrypted blob piece by piece, with memory for two pieces.
     *
     * @param sealed what is inside the blob's error-correcting wrapping, if it has one
     * @param bytes length of {@code sealed}
     * @param plain takes the plain bytes, which must not be used before this has returned
     */
    void openBlob(String name, SealedBytes sealed, long bytes, PlainSink plain) throws IOException {
        SealedStream stream = newCipher().stream(BlobCrypto.blobIv(name), bytes);
        long capacity = Math.min(bytes, PIECE_BYTES);
        // Hundreds of indexes in a row would pile up pieces until the next garbage collection.
        try (Arena arena = Arena.ofConfined()) {
            ByteBuffer piece = arena.allocate(capacity).asByteBuffer();
            ByteBuffer opened = arena.allocate(capacity).asByteBuffer();
            for (long offset = 0; offset < bytes; offset += piece.limit()) {
                piece.clear().limit((int) Math.min(capacity, bytes - offset));
                sealed.read(offset, piece);
                stream.update(piece.flip(), opened.clear());
                plain.write(opened.flip());
            }
        }
        stream.finish();
    }

    /** Where sealed bytes are read from. */
    @FunctionalInterface
    interface SealedBytes {
        /** Fills the remaining bytes of {@code target}. */
        void read(long offset, ByteBuffer target) throws IOException;
    }

    /** Takes plain bytes one piece after another, each whole and before it returns. */
    @FunctionalInterface
    interface PlainSink {
        void write(ByteBuffer piece) throws IOException;
    }

    /**
     * Seals a whole blob under a name that its content gives.
     *
     * @param prefix before the hash
     * @param suffix after the hash and a dash
     * @param nonce 12 bytes, never used before
     */
    public BlobCrypto.SealedBlob sealBlob(
            String prefix, ByteBuffer plain, String suffix, byte[] nonce) {
        return new BlobCrypto(newHasher(), newCipher()).seal(prefix, plain, suffix, nonce);
    }
}
