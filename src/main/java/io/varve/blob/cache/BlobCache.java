package io.varve.blob.cache;

import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies of one storage's blobs as files: {@code ROOT/REPOSITORY/ID}, each the very bytes of the
 * blob, for many processes and threads. Whatever happens to the files, a caller reads what was put
 * into one of them or hears that there is none; that these are the blob's bytes is found out where
 * they are decrypted. Nothing is synced: after a power cut a copy may be short.
 */
public final class BlobCache {

    private static final Logger LOG = LoggerFactory.getLogger(BlobCache.class);

    /** Of a file that is being written. */
    static final String PART = ".part";

    /** A blob that takes more than this share of the room would drive out too many others. */
    private static final int LARGEST_SHARE = 4;

    /** How much of the room processes may take, each, until one looks what all have taken. */
    private static final int UNSEEN_SHARE = 16;

    private final Path root;
    private final Path folder;
    private final long capacity;
    private final InstantSource clock;
    private final Set<BlobId> used = ConcurrentHashMap.newKeySet();
    private final AtomicLong unseen = new AtomicLong(Long.MAX_VALUE / 2);
    private volatile boolean broken;

    /**
     * A cache in a folder, which is made with the first copy.
     *
     * @param root of all repositories' copies
     * @param repository what {@link BlobStorage#description} says
     * @param capacity of {@code root} in bytes; processes pass it by a sixteenth each for a while
     */
    public BlobCache(Path root, String repository, long capacity, InstantSource clock) {
        this.root = root;
        byte[] name = repository.getBytes(StandardCharsets.UTF_8);
        this.folder = root.resolve(UUID.nameUUIDFromBytes(name).toString());
        this.capacity = capacity;
        this.clock = clock;
    }

    /** Whether a blob of this length is kept, once it is put. */
    boolean takes(long length) {
        return !broken && length <= capacity / LARGEST_SHARE;
    }

    /**
     * Fills {@code target} with the bytes of a copy from {@code offset} on.
     *
     * @return false if there is no copy, or a shorter one: the target is as it was
     */
    boolean read(BlobId id, long offset, ByteBuffer target) {
        try (FileChannel file = FileChannel.open(file(id), StandardOpenOption.READ)) {
            ByteBuffer rest = target.duplicate();
            if (!fill(file, offset, rest)) {
                return false;
            }
            target.position(rest.position());
            use(id);
            return true;
        } catch (IOException e) {
            // Gone, or unreadable: in either case it is no copy.
            return false;
        }
    }

    /** A whole copy. */
    Optional<ByteBuffer> get(BlobId id) {
        try (FileChannel file = FileChannel.open(file(id), StandardOpenOption.READ)) {
            long length = file.size();
            if (length > Integer.MAX_VALUE) {
                return Optional.empty();
            }
            ByteBuffer content = ByteBuffer.allocate((int) length);
            if (!fill(file, 0, content)) {
                return Optional.empty();
            }
            use(id);
            return Optional.of(content.flip().asReadOnlyBuffer());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static boolean fill(FileChannel file, long offset, ByteBuffer target)
            throws IOException {
        long at = offset;
        while (target.hasRemaining()) {
            int count = file.read(target, at);
            if (count < 0) {
                return false;
            }
            at += count;
        }
        return true;
    }

    /** What was used last is removed last. */
    private void use(BlobId id) {
        if (!used.add(id)) {
            return;
        }
        try {
            Files.setLastModifiedTime(file(id), FileTime.from(clock.instant()));
        } catch (IOException e) {
            LOG.debug("touch {}", file(id), e);
        }
    }

    /** Writes the bytes of a blob. */
    @FunctionalInterface
    interface Source {
        void writeTo(Sink sink) throws IOException;
    }

    /** Takes bytes, one piece behind the other. */
    @FunctionalInterface
    interface Sink {
        void write(ByteBuffer piece) throws IOException;
    }

    /** That a copy could not be written, which is no failure of the blob's. */
    private static final class NoRoomException extends IOException {
        private static final long serialVersionUID = 1;

        NoRoomException(IOException cause) {
            super(cause);
        }
    }

    /**
     * Keeps a copy if it can. One that is only half written is never seen.
     *
     * @throws IOException only what {@code source} fails with
     */
    void put(BlobId id, Source source) throws IOException {
        Path part = folder.resolve(id.value() + "." + UUID.randomUUID() + PART);
        try {
            try (FileChannel file = create(part)) {
                source.writeTo(piece -> write(file, piece));
                unseen.addAndGet(file.size());
            }
            keep(part, id);
            used.remove(id);
            use(id);
        } catch (NoRoomException e) {
            broken = true;
            LOG.warn(
                    "The cache in {} can't be written: {}. What is missing there is read from the repository each time; free space, or choose another folder with VARVE_HOME.",
                    folder,
                    e.getMessage());
        } finally {
            delete(part);
        }
        if (unseen.get() > capacity / UNSEEN_SHARE) {
            unseen.set(0);
            CacheSweep.of(root, clock).downTo(capacity);
        }
    }

    private FileChannel create(Path part) throws NoRoomException {
        try {
            Files.createDirectories(folder);
            return FileChannel.open(part, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new NoRoomException(e);
        }
    }

    private static void write(FileChannel file, ByteBuffer piece) throws NoRoomException {
        try {
            while (piece.hasRemaining()) {
                file.write(piece);
            }
        } catch (IOException e) {
            throw new NoRoomException(e);
        }
    }

    private void keep(Path part, BlobId id) throws NoRoomException {
        try {
            Files.move(part, file(id), StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            // Somebody emptied the cache meanwhile.
            LOG.debug("keep {}", file(id), e);
        } catch (IOException e) {
            throw new NoRoomException(e);
        }
    }

    /** Removes a copy, if there is one. */
    void remove(BlobId id) {
        used.remove(id);
        delete(file(id));
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.debug("remove {}", file, e);
        }
    }

    private Path file(BlobId id) {
        return folder.resolve(id.value());
    }
}
