package io.varve.blob.cache;

import io.varve.blob.BlobId;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A copy that is being written, under another name until it is whole. For one thread. */
final class CopyFile implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(CopyFile.class);

    /** Of a file that is being written. */
    static final String PART = ".part";

    private final Path path;
    private final FileChannel file;

    private CopyFile(Path path, FileChannel file) {
        this.path = path;
        this.file = file;
    }

    /** That a copy could not be written: no failure of the blob's. */
    static final class NoRoomException extends IOException {
        private static final long serialVersionUID = 1;

        NoRoomException(IOException cause) {
            super(cause.toString(), cause);
        }
    }

    /** Begins one in a folder that is there. */
    static CopyFile create(Path folder, BlobId id) throws NoRoomException {
        Path path = folder.resolve(id.value() + "." + UUID.randomUUID() + PART);
        try {
            return new CopyFile(
                    path,
                    FileChannel.open(
                            path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
        } catch (IOException e) {
            throw new NoRoomException(e);
        }
    }

    /** Appends all that remains of a piece. */
    void write(ByteBuffer piece) throws IOException {
        try {
            while (piece.hasRemaining()) {
                file.write(piece);
            }
        } catch (ClosedByInterruptException e) {
            InterruptedIOException interrupted =
                    new InterruptedIOException("interrupted while a copy was written");
            interrupted.initCause(e);
            throw interrupted;
        } catch (IOException e) {
            throw new NoRoomException(e);
        }
    }

    /** Ends it; some file systems say only now that they are full. */
    void rename(Path copy) throws NoRoomException {
        try {
            file.close();
            Files.move(path, copy, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            // Somebody emptied the cache meanwhile.
            LOG.debug("keep {}", copy, e);
        } catch (IOException e) {
            throw new NoRoomException(e);
        }
    }

    /** Removes it, unless it was renamed. */
    @Override
    public void close() {
        try (file) {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            LOG.debug("remove {}", path, e);
        }
    }
}
