package io.varve.blob.cache;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps a cache small. Files that go meanwhile are gone. */
final class CacheSweep {

    private static final Logger LOG = LoggerFactory.getLogger(CacheSweep.class);

    /** What somebody still writes after this time is a killed process's. */
    private static final Duration ABANDONED = Duration.ofHours(1);

    /** The folder of a repository. */
    private static final Pattern OURS =
            Pattern.compile("[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}");

    private final Path root;
    private final Instant now;

    private CacheSweep(Path root, Instant now) {
        this.root = root;
        this.now = now;
    }

    static CacheSweep of(Path root, InstantSource clock) {
        return new CacheSweep(root, clock.instant());
    }

    /** A file of the cache. */
    private record Copy(Path file, long length, Instant used) {}

    /** Removes what was used longest ago until an eighth of the room is free, if it is full. */
    void downTo(long capacity) {
        List<Copy> copies = copies();
        long bytes = copies.stream().mapToLong(Copy::length).sum();
        if (bytes > capacity) {
            remove(copies, bytes - (capacity - capacity / 8));
        }
    }

    /**
     * Removes what was used longest ago until so many bytes are free.
     *
     * @return how many that were
     */
    long free(long bytes) {
        return remove(copies(), bytes);
    }

    private static long remove(List<Copy> copies, long bytes) {
        copies.sort(Comparator.comparing(Copy::used));
        long freed = 0;
        for (Copy copy : copies) {
            if (freed >= bytes) {
                break;
            }
            freed += delete(copy.file()) ? copy.length() : 0;
        }
        return freed;
    }

    private List<Copy> copies() {
        List<Copy> copies = new ArrayList<>();
        try {
            Path real = root.toRealPath();
            Files.walkFileTree(real, Set.of(), 2, new Visitor(real, copies));
        } catch (IOException e) {
            LOG.debug("list {}", root, e);
        }
        return copies;
    }

    /** Collects copies, and removes what killed processes left. */
    private final class Visitor extends SimpleFileVisitor<Path> {

        private final Path real;
        private final List<Copy> copies;

        Visitor(Path real, List<Copy> copies) {
            this.real = real;
            this.copies = copies;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes is) {
            Instant used = is.lastModifiedTime().toInstant();
            if (!is.isRegularFile() || !isOurs(real.relativize(file))) {
                return FileVisitResult.CONTINUE;
            }
            if (!file.toString().endsWith(CopyFile.PART)) {
                copies.add(new Copy(file, is.size(), used));
            } else if (used.plus(ABANDONED).isBefore(now)) {
                delete(file);
            }
            return FileVisitResult.CONTINUE;
        }

        /** Whoever names a folder may have other files there. */
        private static boolean isOurs(Path file) {
            return file.getNameCount() == 2
                    && OURS.matcher(file.getName(0).toString()).matches()
                    && CachedBlobStorage.KEPT.stream()
                            .anyMatch(file.getName(1).toString()::startsWith);
        }

        /** It went in this moment. */
        @Override
        public FileVisitResult visitFileFailed(Path file, IOException cause) {
            return FileVisitResult.CONTINUE;
        }
    }

    private static boolean delete(Path file) {
        try {
            Files.deleteIfExists(file);
            return true;
        } catch (IOException e) {
            LOG.debug("remove {}", file, e);
            return false;
        }
    }
}
