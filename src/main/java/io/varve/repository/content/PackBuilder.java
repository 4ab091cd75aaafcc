package io.varve.repository.content;

import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.format.Bytes;
import io.varve.format.ContentId;
import io.varve.format.compress.Compression;
import io.varve.format.crypto.ContentCipher;
import io.varve.format.hash.ContentHasher;
import io.varve.format.index.IndexEntry;
import io.varve.format.index.PackIndexWriter;
import io.varve.format.pack.PackLayout;
import io.varve.format.pack.Postamble;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * One pack after another, filled in memory (format, 4.3): contents are sealed right into the buffer
 * that is put. For one thread.
 */
final class PackBuilder {

    /**
     * At this many bytes a pack is closed even if the repository allows bigger ones, up to 120 MiB:
     * each stream fills a pack in memory, and a pack may be smaller (format, 4.3). Still big enough
     * for a storage to take it at full speed.
     */
    static final int LARGEST_BYTES = 32 << 20;

    /**
     * What a pack is begun with; most of a session's last packs and of its metadata need no more.
     */
    private static final int FIRST_CAPACITY = 4 << 20;

    /** Room behind a full pack for the content that filled it, up to 1 MiB, and the trailer. */
    private static final int SLACK = 2 << 20;

    /** What writing past the page cache asks of an address, in bytes. */
    private static final int ALIGNMENT = 4096;

    private final BlobStorage storage;
    private final ContentHasher hasher;
    private final ContentCipher cipher;
    private final RandomGenerator random;
    private final PackKind kind;
    private final List<IndexEntry> entries = new ArrayList<>();
    private Arena memory = Arena.ofShared();
    private ByteBuffer buffer = ByteBuffer.allocate(0);
    private String name = "";

    /**
     * What all packs of one kind in one session share.
     *
     * @param prefix p for data, q for contents with a prefix letter
     * @param session suffix of the packs' names
     * @param maxBytes a pack of this many bytes or more takes no further content; nor does one of
     *     {@link #LARGEST_BYTES}
     * @param formatVersion stamped into index entries
     * @param opening bytes that every pack begins with: a copy of the format blob, or none
     */
    record PackKind(
            char prefix, String session, int maxBytes, int formatVersion, ByteBuffer opening) {

        boolean isMetadata() {
            return prefix == 'q';
        }

        int closeAt() {
            return Math.min(maxBytes, LARGEST_BYTES);
        }
    }

    PackBuilder(
            BlobStorage storage, RepositoryCrypto crypto, RandomGenerator random, PackKind kind) {
        this.storage = storage;
        this.hasher = crypto.newHasher();
        this.cipher = crypto.newCipher();
        this.random = random;
        this.kind = kind;
    }

    /** Whether a pack is begun and not yet put. */
    boolean isOpen() {
        return !entries.isEmpty();
    }

    boolean isFull() {
        return buffer.position() >= kind.closeAt();
    }

    /** Names of entries that the open pack holds, in order of their offsets. */
    List<IndexEntry> entries() {
        return List.copyOf(entries);
    }

    /**
     * Seals a content into the open pack, or into a new one.
     *
     * @param stored what is encrypted: plain bytes, or a compression header and stream
     * @param compression how {@code stored} is compressed
     * @param originalLength of the plain bytes
     */
    IndexEntry append(
            ContentId id,
            ByteBuffer stored,
            Compression compression,
            int originalLength,
            long timestampSeconds)
            throws IOException {
        int sealed = stored.remaining() + ContentCipher.OVERHEAD;
        if (entries.isEmpty()) {
            begin();
        }
        makeRoom(sealed);
        int offset = buffer.position();
        cipher.encrypt(
                stored.duplicate(),
                ContentCipher.contentIv(id),
                randomBytes(ContentCipher.NONCE_BYTES),
                buffer);
        IndexEntry entry =
                new IndexEntry(
                        id,
                        name,
                        offset,
                        sealed,
                        originalLength,
                        compression.headerId(),
                        kind.formatVersion(),
                        timestampSeconds,
                        false);
        entries.add(entry);
        return entry;
    }

    /**
     * Puts the open pack and returns its entries; afterwards it is durable, and the next content
     * begins another.
     */
    List<IndexEntry> put() throws IOException {
        byte[] padding = randomBytes(PackLayout.paddingAfter(buffer.position()));
        makeRoom(padding.length);
        buffer.put(padding);
        appendLocalIndex();
        BlobId id = new BlobId(name);
        if (kind.isMetadata()) {
            ConfirmedPut.put(storage, id, buffer.duplicate().flip());
        } else {
            storage.put(id, buffer.duplicate().flip());
        }
        List<IndexEntry> put = List.copyOf(entries);
        entries.clear();
        buffer.clear();
        return put;
    }

    /** Forgets the open pack, and frees its memory: who stops writing need not wait for a GC. */
    void discard() {
        entries.clear();
        buffer = ByteBuffer.allocate(0);
        memory.close();
        memory = Arena.ofShared();
    }

    /** Memory that is held for the open pack or the next, in bytes. */
    int heldBytes() {
        return buffer.capacity();
    }

    private void begin() {
        name = kind.prefix() + HexFormat.of().formatHex(randomBytes(16)) + "-" + kind.session();
        buffer.clear();
        makeRoom(kind.opening().remaining() + PackLayout.PREAMBLE_BYTES);
        buffer.put(kind.opening().duplicate()).put(randomBytes(PackLayout.PREAMBLE_BYTES));
    }

    /**
     * The recovery aid (format, 4.3): without it one of our packs would block everybody's recovery.
     */
    private void appendLocalIndex() throws IOException {
        ByteBuffer index = PackIndexWriter.encode(entries);
        ByteBuffer plain = ByteBuffer.allocate(index.remaining() + PackLayout.INDEX_SALT_BYTES);
        plain.put(index).put(randomBytes(PackLayout.INDEX_SALT_BYTES)).flip();
        byte[] iv = hasher.hash(plain);
        int length = plain.remaining() + ContentCipher.OVERHEAD;
        makeRoom(length);
        int offset = buffer.position();
        cipher.encrypt(plain, iv, randomBytes(ContentCipher.NONCE_BYTES), buffer);
        byte[] postamble = new Postamble(Bytes.copyOf(iv), offset, length).encode();
        makeRoom(postamble.length);
        buffer.put(postamble);
    }

    /** Doubles the buffer up to what a full pack takes; a single content may ask for more. */
    private void makeRoom(int bytes) {
        if (buffer.remaining() >= bytes) {
            return;
        }
        int needed = Math.addExact(buffer.position(), bytes);
        int full = kind.closeAt() + SLACK;
        int doubled = Math.max(FIRST_CAPACITY, 2 * buffer.capacity());
        int capacity =
                needed > full
                        ? Math.addExact(needed, SLACK)
                        : Math.min(Math.max(doubled, needed), full);
        Arena larger = Arena.ofShared();
        buffer = larger.allocate(capacity, ALIGNMENT).asByteBuffer().put(buffer.flip());
        memory.close();
        memory = larger;
    }

    private byte[] randomBytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }
}
