package io.varve.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.Fixtures;
import io.varve.blob.BlobStorage;
import io.varve.blob.filesystem.FilesystemBlobStorage;
import io.varve.format.SeededBytes;
import io.varve.format.index.IndexEntry;
import io.varve.mover.block.BackupRequest;
import io.varve.mover.block.BackupType;
import io.varve.mover.block.ImageBackups;
import io.varve.mover.block.PublishedBackup;
import io.varve.mover.block.StopRequest;
import io.varve.mover.block.TransferProgress;
import io.varve.mover.files.TreeRestore;
import io.varve.repository.content.ReadOnlyRepositoryException;
import io.varve.repository.verify.Verifier;
import io.varve.repository.verify.VerifyReport;
import io.varve.volume.Extent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What we make of repositories that kopia wrote: we read all of it, and spoil none of it. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class KopiaRepositoryContract {

    private static final int MIB = 1 << 20;

    /** Not a multiple of anything. */
    private static final int IMAGE_BYTES = 5 * MIB + 777;

    private static final Set<String> READ_ONLY =
            Set.of(
                    "v1-b2s128-aes-gzip",
                    "v1-legacy-index-compaction",
                    "v1-sha256-chacha-pgzip",
                    "v2-ecc20-chacha-none",
                    "v3-ecc2-aes-zstdfastest");

    /** Folders of fixtures, see {@link KopiaFixture}. */
    protected abstract List<Path> fixtures() throws IOException;

    final List<KopiaFixture> all() throws IOException {
        return fixtures().stream().map(KopiaFixture::read).toList();
    }

    final List<KopiaFixture> written() throws IOException {
        return all().stream().filter(f -> !READ_ONLY.contains(f.toString())).toList();
    }

    final List<KopiaFixture> onlyRead() throws IOException {
        return all().stream().filter(f -> READ_ONLY.contains(f.toString())).toList();
    }

    @ParameterizedTest
    @MethodSource("all")
    void holdsTheSnapshotsAndContentsThatKopiaLists(KopiaFixture fixture, @TempDir Path folder)
            throws IOException {
        try (Repository repository = open(fixture.repository(), fixture, folder)) {
            List<Backup> backups = repository.backups().all();
            assertThat(backups.stream().map(Backup::id))
                    .containsExactlyInAnyOrderElementsOf(fixture.snapshots().keySet());
            assertThat(repository.backups().list())
                    .containsExactlyElementsOf(
                            backups.stream().filter(b -> !b.isIncomplete()).toList());

            for (IndexEntry content : fixture.contents()) {
                assertThat(repository.index().find(content.id())).isEqualTo(Optional.of(content));
            }
            Set<String> live = new TreeSet<>();
            repository.index().forEachLive(entry -> live.add(entry.id().toString()));
            assertThat(live)
                    .isEqualTo(
                            fixture.contents().stream()
                                    .filter(content -> !content.deleted())
                                    .map(content -> content.id().toString())
                                    .collect(Collectors.toCollection(TreeSet::new)));
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void verifiesAndRestoresExactlyAndChangesNothing(KopiaFixture fixture, @TempDir Path folder)
            throws IOException {
        Path copy = Fixtures.copyTree(fixture.repository(), folder.resolve("copy"));
        Map<String, String> before = FileTree.describe(copy);
        try (Repository repository = open(copy, fixture, folder)) {
            assertSound(repository, fixture, folder);
        }
        assertThat(FileTree.describe(copy)).isEqualTo(before);
    }

    @ParameterizedTest
    @MethodSource("written")
    void takesBlockBackupsBesideTheSnapshotsOfKopia(KopiaFixture fixture, @TempDir Path folder)
            throws IOException {
        Path copy = Fixtures.copyTree(fixture.repository(), folder.resolve("copy"));
        SeededBytes random = new SeededBytes();
        Path first = image(folder.resolve("first.img"), random);
        Path second = Files.copy(first, folder.resolve("second.img"));
        Path changed = change(second, random, folder.resolve("changed.json"));
        String full;
        String incremental;
        try (Repository repository = open(copy, fixture, folder)) {
            ImageBackups ours = new ImageBackups(repository, "data", "volume-1");
            full = ours.run(ours.full(first, "change-1"), 2).backupId();
            PublishedBackup published =
                    ours.run(
                            ours.incremental(
                                    second,
                                    BackupRequest.PARENT_AUTO,
                                    changed,
                                    "change-1",
                                    "change-2"),
                            2);
            incremental = published.backupId();
            assertThat(published.plan().actualType()).isEqualTo(BackupType.INCREMENTAL);
            assertThat(published.plan().parentId()).contains(full);
            assertThat(published.account().unchangedBytes()).isEqualTo(IMAGE_BYTES - 2L * MIB);
        }
        try (Repository repository = open(copy, fixture, folder)) {
            ImageBackups ours = new ImageBackups(repository, "data", "volume-1");
            ours.assertRestores(full, first, folder.resolve("restored.img"));
            ours.assertRestores(incremental, second, folder.resolve("restored.img"));
            assertSound(repository, fixture, folder);
        }
    }

    @ParameterizedTest
    @MethodSource("onlyRead")
    void refusesToWriteWhereItOnlyReadsAndLeavesEveryByte(
            KopiaFixture fixture, @TempDir Path folder) throws IOException {
        Path copy = Fixtures.copyTree(fixture.repository(), folder.resolve("copy"));
        Path image = image(folder.resolve("first.img"), new SeededBytes());
        Map<String, String> before = FileTree.describe(copy);
        try (Repository repository = open(copy, fixture, folder)) {
            ImageBackups ours = new ImageBackups(repository, "data", "volume-1");
            assertThatThrownBy(() -> ours.run(ours.full(image, "change-1"), 2))
                    .isInstanceOf(ReadOnlyRepositoryException.class);
            List<String> ids = List.copyOf(fixture.snapshots().keySet());
            assertThatThrownBy(() -> repository.backups().delete(ids))
                    .isInstanceOf(ReadOnlyRepositoryException.class);
        }
        assertThat(FileTree.describe(copy)).isEqualTo(before);
    }

    private static void assertSound(Repository repository, KopiaFixture fixture, Path folder)
            throws IOException {
        VerifyReport report = new Verifier(repository, 100).verifyAll();
        assertThat(report.damaged()).isEmpty();
        assertThat(report.backups()).isGreaterThan(0);
        for (Map.Entry<String, Map<String, String>> snapshot : fixture.snapshots().entrySet()) {
            Path target = folder.resolve("restored");
            Backup backup = repository.backups().get(snapshot.getKey());
            new TreeRestore(repository, new TransferProgress(), StopRequest.NEVER)
                    .restore(backup, target, false);
            assertThat(FileTree.describe(target))
                    .as("files of snapshot %s", snapshot.getKey())
                    .isEqualTo(snapshot.getValue());
            FileTree.delete(target);
        }
    }

    private static Repository open(Path repository, KopiaFixture fixture, Path folder)
            throws IOException {
        BlobStorage storage = FilesystemBlobStorage.open(repository);
        return Repository.open(
                storage,
                fixture.password().toCharArray(),
                new RepositorySettings(
                        folder.resolve("cache"), InstantSource.system(), new SecureRandom()));
    }

    /** Text, random bytes and zeros; one MiB of them twice. */
    private static Path image(Path file, SeededBytes random) throws IOException {
        byte[] image = new byte[IMAGE_BYTES];
        byte[] line = "a line of text that compresses\n".getBytes(StandardCharsets.US_ASCII);
        for (int at = 0; at < MIB; at += 1) {
            image[at] = line[at % line.length];
        }
        System.arraycopy(random.next(MIB), 0, image, MIB, MIB);
        System.arraycopy(image, MIB, image, 3 * MIB, MIB);
        System.arraycopy(random.next(777), 0, image, 5 * MIB, 777);
        return Files.write(file, image);
    }

    /** New bytes across the border of blocks 1 and 2; the last block is read in any case. */
    private static Path change(Path image, SeededBytes random, Path ranges) throws IOException {
        Extent changed = new Extent(2L * MIB - 1000, 2000);
        try (FileChannel file = FileChannel.open(image, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(random.next((int) changed.length())), changed.offset());
        }
        return ImageBackups.ranges(ranges, changed);
    }
}
