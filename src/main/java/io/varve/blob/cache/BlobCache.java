package io.varve.blob.cache;

import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
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

    /** Half of it, which is the largest blob that is kept, takes any pack. */
    public static final long LEAST_BYTES = 256L << 20;

    private static final Logger LOG = LoggerFactory.getLogger(BlobCache.class);

    /**
     * A blob that takes more than this share of the room would drive out too many others. The index
     * of ten million contents, which kopia may put into one blob, is 362 MiB.
     */
    private static final int LARGEST_SHARE = 2;

    /** How much of the room processes may take, each, until one looks what all have taken. */
    private static final int UNSEEN_SHARE = 16;

    /** Of the disk, in bytes: a database may lie on it, which needs room more than copies do. */
    private static final long RESERVE = 256L << 20;

    /** Of a small disk, such as a claim for copies alone. */
    private static final int RESERVED_SHARE = 8;

    /** A copy that is in use is stamped so often. */
    private static final Duration STAMPED = Duration.ofHours(1);

    private final Path root;
    private final Path folder;
    private final long capacity;
    private final InstantSource clock;
    private final Disk disk;
    private final Map<BlobId, Instant> used = new ConcurrentHashMap<>();
    private final AtomicLong unseen = new AtomicLong(Long.MAX_VALUE / 2);
    private volatile boolean stopped;

    /**
     * A cache in a folder, which is made with the first copy.
     *
     * @param root of all repositories' copies
     * @param repository what {@link BlobStorage#description} says
     * @param capacity of {@code root} in bytes; processes pass it by a sixteenth each for a while
     */
    public BlobCache(Path root, String repository, long capacity, InstantSource clock) {
        this(root, repository, capacity, clock, new RealDisk());
    }

    BlobCache(Path root, String repository, long capacity, InstantSource clock, Disk disk) {
        this.disk = disk;
        this.root = root;
        byte[] name = repository.getBytes(StandardCharsets.UTF_8);
        this.folder = root.resolve(UUID.nameUUIDFromBytes(name).toString());
        this.capacity = capacity;
        this.clock = clock;
    }

    /** Where a folder lies. */
    interface Disk {

        /** What is free there, in bytes. */
        long usable(Path folder);

        /** All that it has, in bytes. */
        long total(Path folder);
    }

    private static final class RealDisk implements Disk {
        @Override
        public long usable(Path folder) {
            return folder.toFile().getUsableSpace();
        }

        @Override
        public long total(Path folder) {
            return folder.toFile().getTotalSpace();
        }
    }

    /** Whether a blob of this length is kept, once it is put. */
    boolean keeps(long length) {
        return !stopped && length <= capacity / LARGEST_SHARE;
    }

    /** Length of a copy in bytes, if there is one. */
    OptionalLong length(BlobId id) {
        try {
            return OptionalLong.of(Files.size(file(id)));
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    /**
     * Fills {@code target} with the bytes of a copy from {@code offset} on.
     *
     * @return false if there is no copy, or a shorter one; the target's position is as it was
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
        Instant now = clock.instant();
        Instant before = used.get(id);
        if (before != null && now.isBefore(before.plus(STAMPED))) {
            return;
        }
        used.put(id, now);
        try {
            Files.setLastModifiedTime(file(id), FileTime.from(now));
        } catch (IOException e) {
            LOG.debug("stamp {}", file(id), e);
        }
    }

    /** Writes the bytes of a blob. */
    @FunctionalInterface
    interface Source {
        void writeTo(CopyFile sink) throws IOException;
    }

    /**
     * Keeps a copy if it can. One that is only half written is never seen.
     *
     * @param length in bytes
     * @throws IOException what {@code source} fails with, or if the thread is interrupted
     */
    void put(BlobId id, long length, Source source) throws IOException {
        try {
            if (!hasRoom(length)) {
                LOG.debug("No room on the disk of {} for a copy of {}.", folder, id);
                return;
            }
            try (CopyFile part = CopyFile.create(folder, id)) {
                source.writeTo(part);
                part.rename(file(id));
            }
        } catch (CopyFile.NoRoomException e) {
            stopped = true;
            LOG.warn(
                    "The cache in {} can't be written: {}. What is missing in it is read from the repository each time; see to it, or choose another folder with VARVE_CACHE.",
                    folder,
                    e.getMessage());
            return;
        }
        used.remove(id);
        use(id);
        if (unseen.addAndGet(length) > capacity / UNSEEN_SHARE) {
            unseen.set(0);
            CacheSweep.of(root, clock).downTo(capacity);
        }
    }

    /** Where the disk is nearly full, older copies make room. */
    private boolean hasRoom(long length) throws CopyFile.NoRoomException {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new CopyFile.NoRoomException(e);
        }
        long reserve = Math.min(RESERVE, disk.total(folder) / RESERVED_SHARE);
        long missing = reserve + length - disk.usable(folder);
        return missing <= 0 || CacheSweep.of(root, clock).free(missing) >= missing;
    }

    /** Removes a copy, if there is one. */
    void remove(BlobId id) {
        used.remove(id);
        try {
            Files.deleteIfExists(file(id));
        } catch (IOException e) {
            LOG.debug("remove {}", file(id), e);
        }
    }

    private Path file(BlobId id) {
        return folder.resolve(id.value());
    }
}
