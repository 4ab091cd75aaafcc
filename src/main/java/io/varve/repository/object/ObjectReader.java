package io.varve.repository.object;

import io.varve.format.ContentId;
import io.varve.format.ObjectId;
import io.varve.format.compress.Compression;
import io.varve.format.object.Directory;
import io.varve.format.object.IndirectEntry;
import io.varve.format.object.IndirectListReader;
import io.varve.repository.content.ContentReader;
import io.varve.repository.content.DamageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads objects, direct and nested indirect ones, however they were cut (format, 4.2 and 7.1). For
 * one thread; the streams that it opens share its content reader.
 */
public final class ObjectReader {

    /**
     * Plain bytes of a compressed object of an upgraded repository; kopia's largest chunk is 8 MiB.
     */
    private static final int MAX_COMPRESSED_OBJECT = 64 << 20;

    /**
     * Levels of lists; one level of 128 KiB chunks holds 1,900 entries, so three are beyond any.
     */
    private static final int MAX_INDIRECTION = 8;

    private final ContentReader contents;
    private final RecentChunks recent;

    /** Reads through {@code contents}, which must not be used otherwise meanwhile. */
    public ObjectReader(ContentReader contents) {
        this(contents, RecentChunks.none());
    }

    /**
     * The same.
     *
     * @param recent gets the chunks of indirect objects as they are read
     */
    public ObjectReader(ContentReader contents, RecentChunks recent) {
        this.contents = contents;
        this.recent = recent;
    }

    /** The object's bytes, in order. */
    public InputStream open(ObjectId object) throws IOException {
        if (object.indirection() > 0) {
            return new ChunkStream(this, list(object), object);
        }
        ByteBuffer plain = copyOf(direct(object));
        if (!object.compressed()) {
            recent.keep(object.content(), plain);
        }
        return new ByteBufferStream(plain.duplicate());
    }

    /** The entries of an indirect object: a stream, as a volume may have millions. */
    public IndirectListReader list(ObjectId object) throws IOException {
        if (object.indirection() == 0 || object.indirection() > MAX_INDIRECTION) {
            throw DamageException.ofContent(
                    object.content(), "object %s is no list of chunks".formatted(object));
        }
        return new IndirectListReader(open(object.list()), object);
    }

    /** A directory object. */
    public Directory directory(ObjectId object) throws IOException {
        try (InputStream in = open(object)) {
            return Directory.decode(ByteBuffer.wrap(in.readAllBytes()), object);
        }
    }

    /** Length of the object's bytes. Reads the lists, but no data except of a compressed object. */
    public long length(ObjectId object) throws IOException {
        if (object.indirection() == 0) {
            return direct(object).remaining();
        }
        try (IndirectListReader entries = list(object)) {
            while (entries.hasNext()) {
                entries.next();
            }
            return entries.end();
        }
    }

    /**
     * The bytes of an object that is one content; valid until the next call to this reader.
     *
     * @param object with no indirection
     */
    public ByteBuffer direct(ObjectId object) throws IOException {
        ByteBuffer stored = contents.read(object.content());
        if (!object.compressed()) {
            return stored;
        }
        // The header, which the decoder checks again, names the compression (format, 4.2).
        int header = stored.remaining() < Integer.BYTES ? 0 : stored.getInt(stored.position());
        Compression compression =
                Compression.ofHeader(header)
                        .orElseThrow(
                                () ->
                                        DamageException.ofContent(
                                                object.content(),
                                                "unknown compression 0x%x".formatted(header)));
        return ByteBuffer.wrap(compression.decompress(stored, MAX_COMPRESSED_OBJECT));
    }

    /** The plain bytes of a content; valid until the next call to this reader. */
    public ByteBuffer content(ContentId id) throws IOException {
        return contents.read(id);
    }

    private static ByteBuffer copyOf(ByteBuffer buffer) {
        return ByteBuffer.allocate(buffer.remaining()).put(buffer.duplicate()).flip();
    }

    /** The chunks of an indirect object, one after another. */
    private static final class ChunkStream extends InputStream {

        private final ObjectReader objects;
        private final IndirectListReader entries;
        private final ObjectId object;
        private InputStream chunk = InputStream.nullInputStream();
        private @Nullable IndirectEntry entry;
        private long left;

        ChunkStream(ObjectReader objects, IndirectListReader entries, ObjectId object) {
            this.objects = objects;
            this.entries = entries;
            this.object = object;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            while (true) {
                int count = chunk.read(target, offset, length);
                if (count > 0) {
                    left -= count;
                    return count;
                }
                checkWhole();
                if (!entries.hasNext()) {
                    return -1;
                }
                entry = entries.next();
                left = entry.length();
                chunk = objects.open(entry.object());
            }
        }

        private void checkWhole() throws DamageException {
            if (left != 0 && entry != null) {
                throw DamageException.ofContent(
                        entry.object().content(),
                        "chunk at byte %d of object %s is %d bytes %s than its list says"
                                .formatted(
                                        entry.start(),
                                        object,
                                        Math.abs(left),
                                        left > 0 ? "shorter" : "longer"));
            }
        }

        @Override
        public void close() throws IOException {
            entries.close();
        }
    }

    /** A buffer as a stream. */
    private static final class ByteBufferStream extends InputStream {

        private final ByteBuffer rest;

        ByteBufferStream(ByteBuffer rest) {
            this.rest = rest;
        }

        @Override
        public int read() {
            return rest.hasRemaining() ? rest.get() & 0xff : -1;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            if (!rest.hasRemaining()) {
                return length == 0 ? 0 : -1;
            }
            int count = Math.min(length, rest.remaining());
            rest.get(target, offset, count);
            return count;
        }

        @Override
        public int available() {
            return rest.remaining();
        }
    }
}
