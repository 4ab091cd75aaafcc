package io.varve.repository.content;

import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.format.CorruptFormatException;
import io.varve.format.crypto.ContentCipher;
import io.varve.format.hash.ContentHasher;
import io.varve.format.index.PackIndex;
import io.varve.format.pack.Postamble;
import java.io.EOFException;
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
        Postamble postamble = postamble(pack, length);
        try {
            return PackIndex.open(open(pack, postamble), pack);
        } catch (CorruptFormatException e) {
            throw damaged(pack, postamble.indexOffset(), e);
        }
    }

    private Postamble postamble(String pack, long length) throws IOException {
        int tail = (int) Math.min(length, Postamble.MAX_BYTES);
        try {
            Postamble postamble = Postamble.decode(read(pack, length - tail, tail), pack);
            // Its checksum is no seal: it may say anything, and sums may overflow.
            boolean inside =
                    postamble.indexOffset() <= length
                            && postamble.indexLength() <= length - postamble.indexOffset()
                            && postamble.indexLength() <= Integer.MAX_VALUE;
            if (!inside) {
                throw new CorruptFormatException(
                        "postamble of pack " + pack,
                        0,
                        "it puts the local index at %d + %d of %d bytes"
                                .formatted(
                                        postamble.indexOffset(), postamble.indexLength(), length));
            }
            return postamble;
        } catch (CorruptFormatException e) {
            throw damaged(pack, length - tail, e);
        }
    }

    private static DamageException damaged(String pack, long offset, CorruptFormatException e) {
        return DamageException.ofBlob(pack, offset, "recovery index: " + e.getMessage(), e);
    }

    private ByteBuffer open(String pack, Postamble postamble) throws IOException {
        ByteBuffer sealed =
                crypto.unwrap(read(pack, postamble.indexOffset(), (int) postamble.indexLength()));
        String what = "local index of pack " + pack;
        if (sealed.remaining() < ContentCipher.OVERHEAD) {
            throw new CorruptFormatException(
                    what, 0, "%d bytes, less than a seal takes".formatted(sealed.remaining()));
        }
        ByteBuffer plain = ByteBuffer.allocate(sealed.remaining() - ContentCipher.OVERHEAD);
        cipher.decrypt(sealed, postamble.indexIv().toArray(), plain);
        plain.flip();
        if (!Arrays.equals(hasher.hash(plain), postamble.indexIv().toArray())) {
            throw new CorruptFormatException(what, 0, "its hash is not the postamble's");
        }
        return plain;
    }

    private ByteBuffer read(String pack, long offset, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        try {
            storage.read(new BlobId(pack), offset, bytes);
        } catch (EOFException e) {
            throw DamageException.ofBlob(pack, offset, "it is shorter than it was listed", e);
        }
        return bytes.flip();
    }
}
