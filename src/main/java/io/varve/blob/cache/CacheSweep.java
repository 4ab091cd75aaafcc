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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps a cache small. Files that go meanwhile are gone. */
final class CacheSweep {

    private static final Logger LOG = LoggerFactory.getLogger(CacheSweep.class);

    /** What somebody still writes after this time is a killed process's. */
    private static final Duration ABANDONED = Duration.ofHours(1);

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
        if (bytes <= capacity) {
            return;
        }
        copies.sort(Comparator.comparing(Copy::used));
        for (Copy copy : copies) {
            if (bytes <= capacity - capacity / 8) {
                return;
            }
            bytes -= delete(copy.file()) ? copy.length() : 0;
        }
    }

    private List<Copy> copies() {
        List<Copy> copies = new ArrayList<>();
        try {
            Files.walkFileTree(root.toRealPath(), new Visitor(copies));
        } catch (IOException e) {
            LOG.debug("list {}", root, e);
        }
        return copies;
    }

    /** Collects copies, and removes what killed processes left. */
    private final class Visitor extends SimpleFileVisitor<Path> {

        private final List<Copy> copies;

        Visitor(List<Copy> copies) {
            this.copies = copies;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes is) {
            Instant used = is.lastModifiedTime().toInstant();
            if (!file.toString().endsWith(BlobCache.PART)) {
                copies.add(new Copy(file, is.size(), used));
            } else if (used.plus(ABANDONED).isBefore(now)) {
                delete(file);
            }
            return FileVisitResult.CONTINUE;
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
