package io.varve.repository.content;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Decrypted index blobs while a repository is open. Small ones stay in memory; large ones lie in a
 * nameless file in the cache folder and are searched through a memory map, so that memory does not
 * grow with the repository. Safe for many threads.
 */
public final class PlainIndexes implements Closeable {

    /** Below this size, in bytes, a map costs more than it saves. */
    private static final int MAPPED_FROM = 1 << 20;

    private final Path folder;
    private final Arena maps = Arena.ofShared();

    /** Keeps large indexes in {@code folder}, which is made when the first one comes. */
    public PlainIndexes(Path folder) {
        this.folder = folder;
    }

    /** Memory for an index of this many bytes; valid until this is closed. */
    ByteBuffer allocate(int bytes) throws IOException {
        if (bytes < MAPPED_FROM) {
            return ByteBuffer.allocate(bytes);
        }
        Files.createDirectories(folder);
        Path file =
                Files.createTempFile(
                        folder,
                        "index-",
                        ".tmp",
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")));
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            // Without a name the file goes when the process does, however that ends.
            Files.delete(file);
            return channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, maps).asByteBuffer();
        }
    }

    @Override
    public void close() {
        maps.close();
    }
}
