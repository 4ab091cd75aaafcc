package io.varve.repository.content;

import io.varve.format.ContentId;
import io.varve.format.compress.Compression;
import io.varve.format.compress.ZstdCompressor;
import io.varve.format.hash.ContentHasher;
import io.varve.format.index.IndexEntry;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A writer of contents with a pack of its own. Streams of one session share what they know, so that
 * the same content is stored once. For one thread.
 */
public final class PackStream implements Closeable {

    private final WriteSession session;
    private final PackBuilder pack;
    private final ContentHasher hasher;
    private final Optional<ZstdCompressor> compressor;
    private Durability durability = Durability.pending();
    private ByteBuffer compressed = ByteBuffer.allocate(0);

    PackStream(
            WriteSession session,
            PackBuilder pack,
            ContentHasher hasher,
            Optional<ZstdCompressor> compressor) {
        this.session = session;
        this.pack = pack;
        this.hasher = hasher;
        this.compressor = compressor;
    }

    /** The id that {@code plain} has without a prefix. */
    public ContentId idOf(ByteBuffer plain) {
        return idOf(ContentId.NO_PREFIX, plain);
    }

    /**
     * The ids of several contents of one length that lie in one buffer.
     *
     * @param offsets of each in {@code buffer}, which is direct, in bytes
     */
    public ContentId[] idsOf(ByteBuffer buffer, int[] offsets, int length) {
        byte[][] hashes = hasher.hash(buffer, offsets, length);
        ContentId[] ids = new ContentId[hashes.length];
        Arrays.setAll(ids, i -> ContentId.of(ContentId.NO_PREFIX, hashes[i]));
        return ids;
    }

    ContentId idOf(char prefix, ByteBuffer plain) {
        return ContentId.of(prefix, hasher.hash(plain));
    }

    /**
     * Stores a content, unless it is known: durable at the latest when the pack is closed.
     *
     * @param id what {@link #idOf} gives for {@code plain}
     */
    public Placement store(ContentId id, ByteBuffer plain) throws IOException {
        Optional<Durability> known = session.claim(id, durability);
        if (known.isPresent()) {
            return new Placement(Optional.empty(), known.get());
        }
        IndexEntry entry;
        try {
            entry = seal(id, plain);
        } catch (IOException | RuntimeException e) {
            session.forget(id);
            throw e;
        }
        Durability placed = durability;
        if (pack.isFull()) {
            closePack();
        }
        return new Placement(Optional.of(entry), placed);
    }

    private IndexEntry seal(ContentId id, ByteBuffer plain) throws IOException {
        long timestamp = session.timestampFor(id);
        int length = plain.remaining();
        if (compressor.isPresent()) {
            if (compressed.capacity() < length) {
                compressed = ByteBuffer.allocateDirect(length);
            }
            if (compressor.get().compress(plain, compressed.clear())) {
                Compression compression = compressor.get().compression();
                return pack.append(id, compressed.flip(), compression, length, timestamp);
            }
        }
        return pack.append(id, plain, Compression.NONE, length, timestamp);
    }

    /** Whether contents wait for their pack to be put. */
    public boolean hasOpenPack() {
        return pack.isOpen();
    }

    /**
     * Puts the open pack, if there is one: everything that was stored until now is durable then.
     */
    public void closePack() throws IOException {
        if (!pack.isOpen()) {
            return;
        }
        try {
            session.beforePut();
            List<IndexEntry> put = pack.put();
            durability.reached();
            session.packDurable(put);
        } catch (IOException | RuntimeException e) {
            abandon(e);
            throw e;
        }
        durability = Durability.pending();
        session.flushIfDue();
    }

    /** Forgets the open pack, so that nobody waits for it. */
    public void abandon(Throwable cause) {
        session.forget(pack.entries());
        pack.discard();
        durability.lost(cause);
        durability = Durability.pending();
    }

    /** As {@link #abandon}: a stream that did its work has closed its pack. */
    @Override
    public void close() {
        abandon(new IOException("the stream was closed"));
        compressor.ifPresent(ZstdCompressor::close);
    }
}
