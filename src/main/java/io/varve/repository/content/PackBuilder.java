package io.varve.repository.content;

import io.varve.blob.BlobId;
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
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.random.RandomGenerator;

/**
 * One pack after another, filled in memory (format, 4.3): contents are sealed right into the buffer
 * that is put. For one thread, but for {@link #reuse}.
 */
final class PackBuilder {

    /**
     * At this many bytes a pack is closed even if the repository allows bigger ones, up to 120 MiB:
     * each stream fills a pack in memory, and a pack may be smaller (format, 4.3). Still big enough
     * for a storage to take it at full speed.
     */
    static final int LARGEST_BYTES = 32 << 20;

    private final ContentHasher hasher;
    private final ContentCipher cipher;
    private final RandomGenerator random;
    private final PackKind kind;
    private final List<IndexEntry> entries = new ArrayList<>();
    private final Queue<PackBuffer> spare = new ConcurrentLinkedQueue<>();
    private PackBuffer buffer;
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

    PackBuilder(RepositoryCrypto crypto, RandomGenerator random, PackKind kind) {
        this.hasher = crypto.newHasher();
        this.cipher = crypto.newCipher();
        this.random = random;
        this.kind = kind;
        this.buffer = new PackBuffer(kind.closeAt());
    }

    /** Whether a pack is begun and not yet put. */
    boolean isOpen() {
        return !entries.isEmpty();
    }

    /** Whether its packs hold contents with a prefix letter. */
    boolean isOfMetadata() {
        return kind.isMetadata();
    }

    boolean isFull() {
        return buffer.bytes().position() >= kind.closeAt();
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
        buffer.makeRoom(sealed);
        int offset = buffer.bytes().position();
        cipher.encrypt(
                stored.duplicate(),
                ContentCipher.contentIv(id),
                randomBytes(ContentCipher.NONCE_BYTES),
                buffer.bytes());
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
     * Closes the open pack; the next content begins another, elsewhere unless this one's memory is
     * {@link #reuse given back} by then.
     */
    SealedPack seal() throws IOException {
        put(randomBytes(PackLayout.paddingAfter(buffer.bytes().position())));
        appendLocalIndex();
        SealedPack sealed =
                new SealedPack(new BlobId(name), List.copyOf(entries), kind.isMetadata(), buffer);
        entries.clear();
        buffer = new PackBuffer(kind.closeAt());
        return sealed;
    }

    /** Takes the memory of a sealed pack back. Safe for any thread. */
    void reuse(PackBuffer memory) {
        spare.add(memory);
    }

    /** Forgets the open pack, and frees all memory. */
    void discard() {
        entries.clear();
        buffer.close();
        spare.forEach(PackBuffer::close);
        spare.clear();
        buffer = new PackBuffer(kind.closeAt());
    }

    /** Memory that is held for the open pack or the next ones, in bytes. */
    int heldBytes() {
        return buffer.bytes().capacity()
                + spare.stream().mapToInt(memory -> memory.bytes().capacity()).sum();
    }

    private void begin() {
        name = kind.prefix() + HexFormat.of().formatHex(randomBytes(16)) + "-" + kind.session();
        PackBuffer used = spare.poll();
        if (used != null) {
            buffer.close();
            buffer = used;
        }
        buffer.bytes().clear();
        buffer.makeRoom(kind.opening().remaining() + PackLayout.PREAMBLE_BYTES);
        buffer.bytes().put(kind.opening().duplicate());
        put(randomBytes(PackLayout.PREAMBLE_BYTES));
    }

    private void put(byte[] bytes) {
        buffer.makeRoom(bytes.length);
        buffer.bytes().put(bytes);
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
        buffer.makeRoom(length);
        int offset = buffer.bytes().position();
        cipher.encrypt(plain, iv, randomBytes(ContentCipher.NONCE_BYTES), buffer.bytes());
        put(new Postamble(Bytes.copyOf(iv), offset, length).encode());
    }

    private byte[] randomBytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }
}
