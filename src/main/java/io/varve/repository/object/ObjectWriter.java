package io.varve.repository.object;

import io.varve.format.ContentId;
import io.varve.format.ObjectId;
import io.varve.format.object.IndirectEntry;
import io.varve.format.object.IndirectListWriter;
import io.varve.repository.content.WriteSession;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Writes an object of metadata as a stream, cut into contents of 128 KiB (FIXED-128K, as Velero
 * cuts block tables). For one thread.
 */
public final class ObjectWriter extends OutputStream implements Closeable {

    /** Bytes of a content; the last one of an object may be shorter. */
    static final int CHUNK = 128 << 10;

    private final WriteSession session;
    private final char prefix;
    private final RecentChunks recent;
    private final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
    private @Nullable ContentId first;
    private @Nullable ObjectWriter listBytes;
    private @Nullable IndirectListWriter list;
    private long written;

    /**
     * @param prefix of the contents: k for a directory, x for a list
     */
    public ObjectWriter(WriteSession session, char prefix) {
        this(session, prefix, RecentChunks.none());
    }

    /**
     * The same.
     *
     * @param recent chunks of what this one is mostly a copy of
     */
    public ObjectWriter(WriteSession session, char prefix, RecentChunks recent) {
        this.session = session;
        this.prefix = prefix;
        this.recent = recent;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] source, int offset, int length) throws IOException {
        int from = offset;
        int end = offset + length;
        while (from < end) {
            // Not before more bytes come: a chunk that ends the object is followed by no empty one.
            if (!chunk.hasRemaining()) {
                storeChunk();
            }
            int count = Math.min(end - from, chunk.remaining());
            chunk.put(source, from, count);
            from += count;
        }
    }

    /** Stores what is left, and returns the object's id. Nothing may be written afterwards. */
    public ObjectId finish() throws IOException {
        if (list == null && first == null) {
            return ObjectId.of(session.storeMetadata(prefix, chunk.flip()));
        }
        storeChunk();
        if (list == null || listBytes == null) {
            throw new IllegalStateException("an object of several chunks has no list");
        }
        list.finish();
        return ObjectId.listedIn(listBytes.finish());
    }

    private void storeChunk() throws IOException {
        chunk.flip();
        int length = chunk.remaining();
        Optional<ContentId> known = recent.idOf(prefix, chunk);
        ContentId content =
                known.isPresent()
                        ? session.storeMetadata(known.get(), chunk)
                        : session.storeMetadata(prefix, chunk);
        chunk.clear();
        if (first == null) {
            first = content;
            listBytes = new ObjectWriter(session, 'x');
            list = new IndirectListWriter(listBytes);
        }
        if (list != null) {
            list.write(new IndirectEntry(written, length, ObjectId.of(content)));
        }
        written += length;
    }

    @Override
    public void close() {}
}
