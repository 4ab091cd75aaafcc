package io.varve.repository.content;

import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.format.CorruptFormatException;
import io.varve.format.crypto.ContentCipher;
import io.varve.format.hash.ContentHasher;
import io.varve.format.index.PackIndex;
import io.varve.format.pack.Postamble;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Reads the recovery index at the end of a pack (format, 4.3). For one thread. */
public final class PackTrailerReader {

    private final BlobStorage storage;
    private final RepositoryCrypto crypto;
    private final ContentHasher hasher;
    private final ContentCipher cipher;

    /** A reader of packs in {@code storage}. */
    public PackTrailerReader(BlobStorage storage, RepositoryCrypto crypto) {
        this.storage = storage;
        this.crypto = crypto;
        this.hasher = crypto.newHasher();
        this.cipher = crypto.newCipher();
    }

    /**
     * The pack's local index.
     *
     * @param length of the pack, in bytes
     * @throws DamageException if there is no valid one
     */
    public PackIndex read(String pack, long length) throws IOException {
        try {
            int tail = (int) Math.min(length, Postamble.MAX_BYTES);
            Postamble postamble = Postamble.decode(read(pack, length - tail, tail), pack);
            if (postamble.indexOffset() + postamble.indexLength() > length) {
                throw new CorruptFormatException(
                        "postamble",
                        length - tail,
                        "it puts the local index at %d + %d, beyond the pack's end"
                                .formatted(postamble.indexOffset(), postamble.indexLength()));
            }
            return PackIndex.open(open(pack, postamble), pack);
        } catch (CorruptFormatException e) {
            throw DamageException.ofBlob(pack, "recovery index: " + e.getMessage(), e);
        }
    }

    private ByteBuffer open(String pack, Postamble postamble) throws IOException {
        ByteBuffer sealed =
                crypto.unwrap(
                        read(
                                pack,
                                postamble.indexOffset(),
                                Math.toIntExact(postamble.indexLength())));
        if (sealed.remaining() < ContentCipher.OVERHEAD) {
            throw new CorruptFormatException(
                    "local index", postamble.indexOffset(), "shorter than a seal");
        }
        ByteBuffer plain = ByteBuffer.allocate(sealed.remaining() - ContentCipher.OVERHEAD);
        cipher.decrypt(sealed, postamble.indexIv().toArray(), plain);
        plain.flip();
        if (!Arrays.equals(hasher.hash(plain), postamble.indexIv().toArray())) {
            throw new CorruptFormatException(
                    "local index", postamble.indexOffset(), "its hash is not the postamble's");
        }
        return plain;
    }

    private ByteBuffer read(String pack, long offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        storage.read(new BlobId(pack), offset, bytes);
        return bytes.flip();
    }
}
