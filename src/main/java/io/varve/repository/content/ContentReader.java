package io.varve.repository.content;

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
import java.util.ArrayList;
import java.util.List;
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

    private final PackReads packs;
    private final IndexStore indexes;
    private final RepositoryCrypto crypto;
    private final ContentHasher hasher;
    private final ContentCipher cipher;
    private ByteBuffer packed = ByteBuffer.allocate(0);
    private ByteBuffer compressed = ByteBuffer.allocate(0);
    private ByteBuffer plain = ByteBuffer.allocate(0);

    /** A reader over the newest view of {@code indexes}. */
    public ContentReader(BlobStorage storage, IndexStore indexes, RepositoryCrypto crypto) {
        this.packs = new PackReads(storage);
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
        return checked(located(id, this::usual));
    }

    /** As {@link #read(ContentId)}, from where {@code entry} says, and nowhere else. */
    public ByteBuffer read(IndexEntry entry) throws IOException {
        return checked(open(entry, this::usual));
    }

    /**
     * Reads several contents of one length, one behind the other. Their hashes are computed
     * together, which takes less time than one by one.
     *
     * @param length of each, in bytes
     * @param target direct, of whose beginning they take {@code ids.size() * length} bytes; what it
     *     holds after a failure is not what was stored. Its position and limit stay
     * @throws DamageException if one is missing, has another length, or is not what was stored
     */
    public void read(List<ContentId> ids, int length, ByteBuffer target) throws IOException {
        expect(ids);
        int[] offsets = new int[ids.size()];
        IndexEntry[] entries = new IndexEntry[ids.size()];
        for (int i = 0; i < offsets.length; i++) {
            int offset = i * length;
            offsets[i] = offset;
            entries[i] =
                    located(
                                    ids.get(i),
                                    (entry, found) -> {
                                        if (found != length) {
                                            throw DamageException.at(
                                                    entry,
                                                    "%d bytes, not %d".formatted(found, length),
                                                    null);
                                        }
                                        return target.slice(offset, length);
                                    })
                            .entry();
        }
        byte[][] hashes = hasher.hash(target, offsets, length);
        for (int i = 0; i < offsets.length; i++) {
            check(entries[i], hashes[i]);
        }
    }

    /**
     * Says which contents are read after those of the last call: over a network they are asked for
     * now. What is not there is told of when it is read.
     */
    public void expect(List<ContentId> ids) throws IOException {
        if (!packs.readsAhead()) {
            return;
        }
        List<IndexEntry> entries = new ArrayList<>();
        for (ContentId id : ids) {
            indexes.current().find(id).ifPresent(entries::add);
        }
        packs.expect(entries);
    }

    /** A content that is decrypted, but not yet proven to be the one that was asked for. */
    private record Opened(IndexEntry entry, ByteBuffer plain) {}

    /** Where the plain bytes go, once their number is known. */
    @FunctionalInterface
    private interface Room {
        ByteBuffer of(IndexEntry entry, int bytes) throws DamageException;
    }

    private ByteBuffer usual(IndexEntry entry, int bytes) {
        plain = withCapacity(plain, bytes);
        return plain.clear().limit(bytes);
    }

    private Opened located(ContentId id, Room room) throws IOException {
        Optional<IndexEntry> entry = indexes.current().find(id);
        if (entry.isPresent()) {
            try {
                return open(entry.get(), room);
            } catch (BlobStorageException.NotFound e) {
                // Maintenance may have moved the content; a fresh index says where to.
            }
        }
        Optional<IndexEntry> fresh = indexes.refresh().find(id);
        if (fresh.isEmpty()) {
            throw DamageException.ofContent(id, "no index blob says where it lies");
        }
        try {
            return open(fresh.get(), room);
        } catch (BlobStorageException.NotFound e) {
            throw DamageException.at(fresh.get(), "the pack is missing", e);
        }
    }

    private Opened open(IndexEntry entry, Room room) throws IOException {
        try {
            try {
                return new Opened(entry, open(entry, sealed(entry), room));
            } catch (CorruptFormatException e) {
                if (packs.forgetCopy(entry)) {
                    return new Opened(entry, open(entry, sealed(entry), room));
                }
                throw e;
            }
        } catch (CorruptFormatException e) {
            throw DamageException.at(entry, e.getMessage(), e);
        }
    }

    private ByteBuffer sealed(IndexEntry entry) throws IOException {
        packed = withCapacity(packed, entry.packedLength());
        packed.clear().limit(entry.packedLength());
        try {
            packs.read(entry, packed);
        } catch (EOFException e) {
            throw DamageException.at(entry, "the pack ends before the content does", e);
        }
        return packed.flip();
    }

    private ByteBuffer open(IndexEntry entry, ByteBuffer sealed, Room room) throws IOException {
        ByteBuffer encrypted = crypto.unwrap(sealed);
        int stored = encrypted.remaining() - ContentCipher.OVERHEAD;
        if (stored < 0) {
            throw DamageException.at(
                    entry, "%d bytes, less than a seal takes".formatted(stored), null);
        }
        byte[] iv = ContentCipher.contentIv(entry.id());
        if (entry.compression() == 0) {
            ByteBuffer bytes = room.of(entry, stored);
            cipher.decrypt(encrypted, iv, bytes);
            return bytes.flip();
        }
        compressed = withCapacity(compressed, stored);
        cipher.decrypt(encrypted, iv, compressed.clear());
        ByteBuffer bytes = room.of(entry, entry.originalLength());
        compression(entry).decompress(compressed.flip(), bytes);
        return bytes.flip();
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

    private ByteBuffer checked(Opened content) throws DamageException {
        check(content.entry(), hasher.hash(content.plain()));
        return content.plain();
    }

    /** The tag proves who wrote it; the hash proves that it is this content, and whole. */
    private static void check(IndexEntry entry, byte[] hash) throws DamageException {
        ContentId found = ContentId.of(entry.id().prefix(), hash);
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
