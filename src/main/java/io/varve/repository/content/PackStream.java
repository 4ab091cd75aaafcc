package io.varve.repository.content;

import io.varve.blob.BlobStorage;
import io.varve.format.ContentId;
import io.varve.format.compress.Compression;
import io.varve.format.compress.ZstdCompressor;
import io.varve.format.hash.ContentHasher;
import io.varve.format.index.IndexEntry;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A writer of contents with a pack of its own. Streams of one session share what they know, so that
 * the same content is stored once. For one thread.
 */
public final class PackStream implements Closeable {

    private final WriteSession session;
    private final BlobStorage storage;
    private final PackBuilder pack;
    private final PackUploads uploads;
    private final List<Durability> handedOver = new ArrayList<>();
    private final ContentHasher hasher;
    private final Optional<ZstdCompressor> compressor;
    private Durability durability = Durability.pending();
    private ByteBuffer compressed = ByteBuffer.allocate(0);

    PackStream(
            WriteSession session,
            BlobStorage storage,
            PackBuilder pack,
            ContentHasher hasher,
            Optional<ZstdCompressor> compressor) {
        this.session = session;
        this.storage = storage;
        this.pack = pack;
        this.uploads = new PackUploads(storage.isRemote() && !pack.isOfMetadata());
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
            handOver();
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

    /**
     * Puts the open pack, if there is one: everything that was stored until now is durable then.
     */
    public void closePack() throws IOException {
        if (pack.isOpen()) {
            handOver();
        }
        uploads.finish();
    }

    /** Whether what was promised waits for nothing but a put that goes on by itself. */
    public boolean isUnderWay(Durability promise) {
        handedOver.removeIf(Durability::isReached);
        return handedOver.contains(promise);
    }

    /** Has the open pack put; over a network that goes on when this returns. */
    private void handOver() throws IOException {
        SealedPack sealed;
        try {
            session.beforePut();
            sealed = pack.seal();
        } catch (IOException | RuntimeException e) {
            abandon(e);
            throw e;
        }
        Durability promise = durability;
        durability = Durability.pending();
        handedOver.removeIf(Durability::isReached);
        handedOver.add(promise);
        uploads.start(() -> put(sealed, promise));
        session.flushIfDue();
    }

    private void put(SealedPack sealed, Durability promise) throws IOException {
        try {
            sealed.put(storage);
            // First: who waits for the promise writes the index next.
            session.packDurable(sealed.entries());
            promise.reached();
        } catch (IOException | RuntimeException | Error e) {
            session.forget(sealed.entries());
            promise.lost(e);
            throw e;
        } finally {
            pack.reuse(sealed.memory());
        }
    }

    /** Forgets the open pack, so that nobody waits for it. */
    private void abandon(Throwable cause) {
        session.forget(pack.entries());
        pack.discard();
        durability.lost(cause);
        durability = Durability.pending();
    }

    /**
     * Forgets the open pack: a stream that did its work has closed it. Waits for packs that are
     * being put.
     */
    @Override
    public void close() {
        uploads.drain();
        abandon(new IOException("the stream was closed"));
        compressor.ifPresent(ZstdCompressor::close);
    }
}
