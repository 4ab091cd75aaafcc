package io.varve.repository.content;

import io.varve.format.index.PackIndex;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Decrypted index blobs while a repository is open. Small ones stay in memory; each other lies in a
 * nameless file in the cache folder and is searched through a memory map, so that memory does not
 * grow with the repository. Safe for many threads.
 *
 * <p>A file is written as files are, and mapped when it is whole, for reading only. So a full disk
 * is an exception; written through the map it would be a signal that ends the process. And only
 * what look-ups touch becomes resident.
 */
public final class PlainIndexes implements Closeable {

    /** Below this size, in bytes, a map costs more than it saves. */
    static final int MAPPED_FROM = 64 << 10;

    private final Path folder;
    private final Arena maps = Arena.ofShared();

    /** Keeps large indexes in {@code folder}, which is made when the first one comes. */
    public PlainIndexes(Path folder) {
        this.folder = folder;
    }

    /** Writes the plain bytes of one index. */
    @FunctionalInterface
    interface Source {
        void writeTo(RepositoryCrypto.PlainSink sink) throws IOException;
    }

    /**
     * Keeps an index until this is closed.
     *
     * @param blob its name
     * @param bytes its length
     * @param source what it fails with, this does
     */
    PackIndex keep(String blob, int bytes, Source source) throws IOException {
        if (bytes < MAPPED_FROM) {
            ByteBuffer heap = ByteBuffer.allocate(bytes);
            source.writeTo(heap::put);
            return PackIndex.open(heap.flip(), blob);
        }
        try (FileChannel file = namelessFile()) {
            source.writeTo(piece -> write(piece, file, blob, bytes));
            if (file.size() != bytes) {
                throw new IllegalStateException(
                        "index blob %s: %d bytes were written, not %d"
                                .formatted(blob, file.size(), bytes));
            }
            ByteBuffer table =
                    file.map(FileChannel.MapMode.READ_ONLY, 0, bytes, maps).asByteBuffer();
            return PackIndex.<IOException>open(
                    table, blob, (offset, target) -> read(file, offset, target));
        }
    }

    private static void read(FileChannel file, long offset, ByteBuffer target) throws IOException {
        long at = offset;
        while (target.hasRemaining()) {
            int count = file.read(target, at);
            if (count < 0) {
                throw new EOFException("a file of the cache ends at byte " + at);
            }
            at += count;
        }
    }

    private FileChannel namelessFile() throws IOException {
        Files.createDirectories(folder);
        Path file =
                Files.createTempFile(
                        folder,
                        "index-",
                        ".tmp",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        try {
            return FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } finally {
            // Without a name the file goes when the process does, however that ends.
            Files.delete(file);
        }
    }

    private void write(ByteBuffer piece, FileChannel file, String blob, int bytes)
            throws IOException {
        try {
            while (piece.hasRemaining()) {
                file.write(piece);
            }
        } catch (IOException e) {
            throw new IOException(
                    "keep index blob %s, %d bytes, in %s: %s; free space there, then run again"
                            .formatted(blob, bytes, folder, e.getMessage()),
                    e);
        }
    }

    @Override
    public void close() {
        maps.close();
    }
}
