package io.varve.blob.cache;

import static io.varve.blob.cache.CacheRig.INDEX;
import static io.varve.blob.cache.CacheRig.METADATA;
import static io.varve.blob.cache.CacheRig.MIB;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How much a cache takes, and what goes. */
class CacheRoomTest {

    private final CacheRig rig;

    CacheRoomTest(@TempDir Path root) {
        rig = new CacheRig(root);
    }

    @Test
    void theOldestGoWhenTheRoomIsFull() throws IOException {
        int length = 100_000;
        long capacity = 20L * length;
        byte[] favourite = rig.put(METADATA, length);
        for (int i = 0; i < 60; i++) {
            rig.clock.advance(Duration.ofSeconds(10));
            BlobId id = new BlobId("q%032x-s01".formatted(i));
            byte[] content = rig.put(id, length);
            BlobStorage process = rig.cached(capacity);
            rig.assertReads(process, id, content);
            rig.assertReads(process, METADATA, favourite);
            assertThat(rig.bytes()).isLessThanOrEqualTo(capacity + capacity / 16 + length);
        }
        assertThat(rig.distant.gets).as("the one that was always used").hasValue(61);
        assertThat(rig.bytes()).isGreaterThan(capacity / 2);
    }

    @Test
    void aProcessLooksAgainAfterEachSixteenthThatItAdded() throws IOException {
        int length = 50_000;
        long capacity = 20L * length;
        BlobStorage process = rig.cached(capacity);
        for (int i = 0; i < 60; i++) {
            rig.clock.advance(Duration.ofSeconds(10));
            BlobId id = new BlobId("q%032x-s01".formatted(i));
            rig.assertReads(process, id, rig.put(id, length));
            assertThat(rig.bytes()).isLessThanOrEqualTo(capacity + capacity / 16 + length);
        }
        assertThat(rig.bytes()).isGreaterThan(capacity / 2);
    }

    @Test
    void whatAKilledProcessWroteGoesAfterAnHour() throws IOException {
        byte[] metadata = rig.put(METADATA, 5000);
        rig.assertReads(rig.cached(64 * MIB), METADATA, metadata);
        Path folder = rig.folder();
        Path old = Files.createFile(folder.resolve("q1.x" + CopyFile.PART));
        Path young = Files.createFile(folder.resolve("q2.x" + CopyFile.PART));
        Files.setLastModifiedTime(old, FileTime.from(rig.clock.instant().minusSeconds(3601)));
        Files.setLastModifiedTime(young, FileTime.from(rig.clock.instant().minusSeconds(3599)));

        byte[] index = rig.put(INDEX, 10);
        rig.assertReads(rig.cached(64 * MIB), INDEX, index);
        assertThat(old).doesNotExist();
        assertThat(young).exists();
    }

    /** Whoever names the folder may have other things in it. */
    @Test
    void whatIsNotACopyStays() throws IOException {
        int length = 100_000;
        List<Path> others = new ArrayList<>();
        for (String name :
                List.of(
                        "varve.mv.db",
                        "old.part",
                        "q-folder/q1",
                        "01234567-89ab-cdef-0123-456789abcdef/a.part",
                        "01234567-89ab-cdef-0123-456789abcdef/deeper/q1")) {
            Path file = rig.root.resolve(name);
            Files.createDirectories(Objects.requireNonNull(file.getParent()));
            others.add(Files.write(file, new byte[length]));
            Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
        }
        BlobStorage process = rig.cached(4L * length);
        for (int i = 0; i < 20; i++) {
            BlobId id = new BlobId("q%032x-s01".formatted(i));
            rig.assertReads(process, id, rig.put(id, length));
        }
        assertThat(others).allSatisfy(file -> assertThat(file).hasSize(length));
        assertThat(rig.files().size() - others.size()).isBetween(1, 5);
    }

    @Test
    void aDiskThatIsNearlyFullGetsNoCopiesAndOlderOnesMakeRoom() throws IOException {
        int length = 100_000;
        AtomicLong usable = new AtomicLong(10 * MIB);
        BlobCache.Disk disk =
                new BlobCache.Disk() {
                    @Override
                    public long usable(Path folder) {
                        return usable.get();
                    }

                    @Override
                    public long total(Path folder) {
                        return 8 * MIB;
                    }
                };
        BlobStorage storage =
                new CachedBlobStorage(
                        rig.distant,
                        new BlobCache(
                                rig.root, rig.distant.description(), 64 * MIB, rig.clock, disk));
        BlobId older = new BlobId("q1");
        BlobId newer = new BlobId("q2");
        rig.assertReads(storage, older, rig.put(older, length));
        rig.clock.advance(Duration.ofSeconds(1));
        rig.assertReads(storage, newer, rig.put(newer, length));
        assertThat(rig.files()).hasSize(2);

        usable.set(MIB);
        rig.assertReads(storage, METADATA, rig.put(METADATA, length));
        assertThat(rig.files())
                .extracting(file -> file.getFileName().toString())
                .containsExactlyInAnyOrder("q2", METADATA.value());
        usable.set(0);
        byte[] index = rig.put(INDEX, length);
        rig.assertReads(storage, INDEX, index);
        assertThat(rig.files()).as("a MiB cannot be freed").isEmpty();
    }
}
