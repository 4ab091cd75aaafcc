package io.varve.repository.content;

import io.varve.format.CorruptFormatException;
import io.varve.format.RepositoryFormat;
import io.varve.format.UnsupportedFormatException;
import io.varve.format.crypto.BlobCrypto;
import io.varve.format.crypto.ContentCipher;
import io.varve.format.crypto.EncryptionAlgorithm;
import io.varve.format.ecc.EccDecoder;
import io.varve.format.hash.ContentHasher;
import io.varve.format.hash.HashAlgorithm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The algorithms and keys of one repository. Safe for many threads; what it hands out is for one
 * thread each.
 */
public final class RepositoryCrypto {

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

    ContentCipher newCipher() {
        return new ContentCipher(encryption, masterKey);
    }

    /** What was encrypted, out of its error-correcting wrapping where the repository has one. */
    ByteBuffer unwrap(ByteBuffer stored) throws CorruptFormatException {
        return ecc.isEmpty() ? stored : ecc.get().unwrap(stored);
    }

    /**
     * Opens a whole encrypted blob: an index, a compaction log, a session marker.
     *
     * @param memory gives the buffer that the plain bytes go to
     */
    public ByteBuffer openBlob(String name, ByteBuffer body, PlainMemory memory)
            throws IOException {
        ByteBuffer sealed = unwrap(body);
        int length = sealed.remaining() - ContentCipher.OVERHEAD;
        if (length < 0) {
            throw new CorruptFormatException(
                    name,
                    0,
                    "%d bytes, a sealed blob has %d or more"
                            .formatted(sealed.remaining(), ContentCipher.OVERHEAD));
        }
        ByteBuffer plain = memory.allocate(length);
        newCipher().decrypt(sealed, BlobCrypto.blobIv(name), plain);
        return plain.flip();
    }

    /** Gives memory for plain bytes. */
    @FunctionalInterface
    public interface PlainMemory {
        ByteBuffer allocate(int bytes) throws IOException;
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
