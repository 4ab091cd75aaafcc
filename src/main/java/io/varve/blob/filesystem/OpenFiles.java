package io.varve.blob.filesystem;

import static java.nio.file.StandardOpenOption.READ;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Positioned reads of files, the recently read ones kept open: a restore reads a pack some twenty
 * times, and on a network file system each open is a round trip. Safe for many threads.
 *
 * <p>Each read asks first whether the path still names the open file, so that a file that was
 * replaced or deleted, by whomever, is never read.
 */
final class OpenFiles implements Closeable {

    private final int limit;

    /** By last use, oldest first. Guarded by itself. */
    private final Map<Path, OpenFile> recent = new LinkedHashMap<>(16, 0.75f, true);

    /**
     * @param limit how many files stay open while nobody reads them
     */
    OpenFiles(int limit) {
        this.limit = limit;
    }

    /** Fills {@code target} from {@code offset} on, or up to the file's end. */
    void read(Path file, long offset, ByteBuffer target) throws IOException {
        int start = target.position();
        OpenFile shared = acquire(file);
        try {
            readFully(shared.channel, offset, target);
            return;
        } catch (ClosedByInterruptException e) {
            throw e;
        } catch (ClosedChannelException e) {
            // An interrupt closes a channel for all its readers, and it was another one's: start
            // again below on a channel that only this thread's interrupt can close.
            target.position(start);
        } finally {
            release(shared);
        }
        try (FileChannel own = FileChannel.open(file, READ)) {
            readFully(own, offset, target);
        }
    }

    static void readFully(FileChannel channel, long offset, ByteBuffer target) throws IOException {
        long position = offset;
        while (target.hasRemaining()) {
            int read = channel.read(target, position);
            if (read < 0) {
                return;
            }
            position += read;
        }
    }

    private OpenFile acquire(Path file) throws IOException {
        Object key = keyOf(file);
        synchronized (recent) {
            OpenFile open = recent.get(file);
            if (open != null && open.key.equals(key) && open.channel.isOpen()) {
                open.readers++;
                return open;
            }
        }
        OpenFile opened = new OpenFile(FileChannel.open(file, READ), key);
        synchronized (recent) {
            remember(file, opened);
        }
        return opened;
    }

    /** The file's device and inode, which stays its own as long as it is open. */
    private static Object keyOf(Path file) throws IOException {
        Object key = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
        return Objects.requireNonNull(key, "file systems of Linux have file keys");
    }

    private void remember(Path file, OpenFile opened) throws IOException {
        OpenFile previous = recent.put(file, opened);
        if (previous != null) {
            previous.forget();
        }
        while (recent.size() > limit) {
            Path oldest = recent.keySet().iterator().next();
            OpenFile removed = Objects.requireNonNull(recent.remove(oldest));
            removed.forget();
        }
    }

    private void release(OpenFile file) throws IOException {
        synchronized (recent) {
            file.readers--;
            file.closeIfUnused();
        }
    }

    /** Closes what nobody reads now; the rest is closed by its last reader. */
    @Override
    public void close() throws IOException {
        synchronized (recent) {
            List<OpenFile> all = new ArrayList<>(recent.values());
            recent.clear();
            for (OpenFile file : all) {
                file.forget();
            }
        }
    }

    /** Guarded by {@link #recent}, except for reads of the channel. */
    private static final class OpenFile {
        private final FileChannel channel;
        private final Object key;
        private int readers = 1;
        private boolean forgotten;

        OpenFile(FileChannel channel, Object key) {
            this.channel = channel;
            this.key = key;
        }

        void forget() throws IOException {
            forgotten = true;
            closeIfUnused();
        }

        void closeIfUnused() throws IOException {
            if (forgotten && readers == 0) {
                channel.close();
            }
        }
    }
}
