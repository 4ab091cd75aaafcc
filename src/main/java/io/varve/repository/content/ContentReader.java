package io.varve.repository.content;

import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException;
import io.varve.format.ContentId;
import io.varve.format.CorruptFormatException;
import io.varve.format.UnsupportedFormatException;
import io.varve.format.compress.Compression;
import io.varve.format.crypto.ContentCipher;
import io.varve.format.hash.ContentHasher;
import io.varve.format.index.IndexEntry;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Reads contents: finds them in the index, decrypts and decompresses them, and hands them out only
 * if their hash is their name. For one thread; its buffers are reused.
 */
public final class ContentReader {

    /** What direct I/O asks of an address, in bytes. */
    private static final int ALIGNMENT = 4096;

    /** Capacity that fits a sealed block of 1 MiB, in bytes. */
    private static final int USUAL_CAPACITY = (1 << 20) + ALIGNMENT;

    private final BlobStorage storage;
    private final IndexStore indexes;
    private final RepositoryCrypto crypto;
    private final ContentHasher hasher;
    private final ContentCipher cipher;
    private ByteBuffer packed = ByteBuffer.allocate(0);
    private ByteBuffer compressed = ByteBuffer.allocate(0);
    private ByteBuffer plain = ByteBuffer.allocate(0);

    /** A reader over the newest view of {@code indexes}. */
    public ContentReader(BlobStorage storage, IndexStore indexes, RepositoryCrypto crypto) {
        this.storage = storage;
        this.indexes = indexes;
        this.crypto = crypto;
        this.hasher = crypto.newHasher();
        this.cipher = crypto.newCipher();
    }

    /**
     * The plain bytes of a content, in a direct buffer at an address that suits direct I/O. The
     * buffer is this reader's own: valid until its next call.
     *
     * @throws DamageException if the content is missing, or is not what was stored
     */
    public ByteBuffer read(ContentId id) throws IOException {
        Optional<IndexEntry> entry = indexes.current().find(id);
        if (entry.isPresent()) {
            try {
                return read(entry.get());
            } catch (BlobStorageException.NotFound e) {
                // Maintenance may have moved the content; a fresh index says where to.
            }
        }
        Optional<IndexEntry> fresh = indexes.refresh().find(id);
        if (fresh.isEmpty()) {
            throw DamageException.ofContent(id, "no index blob says where it lies");
        }
        try {
            return read(fresh.get());
        } catch (BlobStorageException.NotFound e) {
            throw DamageException.at(fresh.get(), "the pack is missing", e);
        }
    }

    /** As {@link #read(ContentId)}, from where {@code entry} says, and nowhere else. */
    public ByteBuffer read(IndexEntry entry) throws IOException {
        packed = withCapacity(packed, entry.packedLength());
        packed.clear().limit(entry.packedLength());
        try {
            storage.read(new BlobId(entry.pack()), entry.packOffset(), packed);
        } catch (EOFException e) {
            throw DamageException.at(entry, "the pack ends before the content does", e);
        }
        try {
            return open(entry, packed.flip());
        } catch (CorruptFormatException e) {
            throw DamageException.at(entry, e.getMessage(), e);
        }
    }

    private ByteBuffer open(IndexEntry entry, ByteBuffer sealed) throws IOException {
        ByteBuffer encrypted = crypto.unwrap(sealed);
        int stored = encrypted.remaining() - ContentCipher.OVERHEAD;
        if (stored < 0) {
            throw DamageException.at(
                    entry, "%d bytes, less than a seal takes".formatted(stored), null);
        }
        byte[] iv = ContentCipher.contentIv(entry.id());
        if (entry.compression() == 0) {
            plain = withCapacity(plain, stored);
            cipher.decrypt(encrypted, iv, plain.clear());
        } else {
            compressed = withCapacity(compressed, stored);
            cipher.decrypt(encrypted, iv, compressed.clear());
            plain = withCapacity(plain, entry.originalLength());
            plain.clear().limit(entry.originalLength());
            compression(entry).decompress(compressed.flip(), plain);
        }
        plain.flip();
        check(entry);
        return plain;
    }

    private static Compression compression(IndexEntry entry) throws UnsupportedFormatException {
        return Compression.ofHeader(entry.compression())
                .orElseThrow(
                        () ->
                                new UnsupportedFormatException(
                                        "content %s in %s: unknown compression 0x%x"
                                                .formatted(
                                                        entry.id(),
                                                        entry.pack(),
                                                        entry.compression())));
    }

    /** The tag proves who wrote it; the hash proves that it is this content, and whole. */
    private void check(IndexEntry entry) throws DamageException {
        ContentId found = ContentId.of(entry.id().prefix(), hasher.hash(plain));
        if (!found.equals(entry.id())) {
            throw DamageException.at(entry, "its bytes have the hash %s".formatted(found), null);
        }
    }

    private static ByteBuffer withCapacity(ByteBuffer buffer, int bytes) {
        if (buffer.capacity() >= bytes) {
            return buffer;
        }
        int capacity = Math.ceilDiv(Math.max(bytes, USUAL_CAPACITY), ALIGNMENT) * ALIGNMENT;
        return ByteBuffer.allocateDirect(capacity + ALIGNMENT).alignedSlice(ALIGNMENT);
    }
}
