package io.varve.mover.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.Fixtures;
import io.varve.NeedsFixtures;
import io.varve.blob.filesystem.FilesystemBlobStorage;
import io.varve.format.SeededBytes;
import io.varve.repository.Backup;
import io.varve.repository.FileTree;
import io.varve.repository.Repository;
import io.varve.repository.RepositorySettings;
import io.varve.repository.verify.Verifier;
import io.varve.volume.Extent;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Chains of backups that Velero's block mover wrote restore to what was backed up, and an
 * incremental of ours goes on from them.
 */
@NeedsFixtures
class VeleroChainsTest {

    private static final char[] PASSWORD = "static-passw0rd".toCharArray();
    private static final long MIB = 1 << 20;

    @TempDir Path folder;

    /**
     * A chain, oldest backup first.
     *
     * @param volumeId its tag {@code cbt-volume-id}
     * @param newestChangeId tag {@code cbt-change-id} of the last backup
     */
    record Chain(String name, String volumeId, String newestChangeId, List<Image> backups) {

        Image newest() {
            return backups.getLast();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** What a backup restores to. */
    record Image(String backupId, long bytes, String sha256) {}

    static Stream<Chain> chains() {
        return Stream.of(
                new Chain(
                        "small-chain",
                        "vol-small",
                        "cid-small-2",
                        List.of(
                                new Image(
                                        "87282b5815447b57e6fff6255764f297",
                                        38_809_657,
                                        "477909f3183c575711f5fea562242734951fcd0c272b7c20326064841e5fd9a3"),
                                new Image(
                                        "d7fbc068c3326392f2333dd556104e14",
                                        38_809_657,
                                        "c285d8b0510488db4ae58fe756405b33f13d8b65df457925a75e5d9f3bf3fe0f"),
                                new Image(
                                        "72c4050a1770b91bb48d6ddf0119dd99",
                                        42_995_937,
                                        "a969ff79bddef944d6fae27cad3ecf56843e0c0c8a9583dc8d7b737fdbd500d5"))),
                new Chain(
                        "wide-chain",
                        "vol-wide",
                        "cid-w-1",
                        List.of(
                                new Image(
                                        "a292e6e23cb482d415eb8eb0d975c396",
                                        2_621_440_000L,
                                        "d4e647457167eedc68c0dcb6a51d07a17b869b4abe966531b64fa40c4d5f523e"),
                                new Image(
                                        "1b347c32b2c6905b4be1b3495c32ca96",
                                        2_684_355_072L,
                                        "41ee908a019b09e12a25825adb75021d39ae3a41e1052b58bf6499aaa4ca0ca0"))));
    }

    @ParameterizedTest
    @MethodSource("chains")
    void everyBackupIsSoundAndRestoresToWhatWasBackedUp(Chain chain) throws IOException {
        Path repo = Fixtures.root().resolve("velero").resolve(chain.name()).resolve("repo");
        try (Repository repository = open(repo)) {
            assertThat(repository.backups().list().stream().map(Backup::id))
                    .containsExactlyElementsOf(
                            chain.backups().reversed().stream().map(Image::backupId).toList());
            assertThat(new Verifier(repository, 100).verifyAll().damaged()).isEmpty();
            for (Image image : chain.backups()) {
                assertRestores(repository, chain, image, folder.resolve("restored.img"));
                Files.delete(folder.resolve("restored.img"));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("chains")
    void anIncrementalOfOursGoesOnFromIt(Chain chain) throws IOException {
        Path copy = Fixtures.copyOf("velero/" + chain.name(), folder).resolve("repo");
        Path restored = folder.resolve("restored.img");
        Path image = folder.resolve("image.img");
        String id;
        try (Repository repository = open(copy)) {
            ImageBackups ours = new ImageBackups(repository, "claim", chain.volumeId());
            ours.restore(chain.newest().backupId(), image, 2);
            Path ranges = change(image, chain.newest().bytes());
            PublishedBackup published =
                    ours.run(
                            ours.incremental(
                                    image,
                                    chain.newest().backupId(),
                                    ranges,
                                    chain.newestChangeId(),
                                    "ours-1"),
                            2);
            id = published.backupId();
            assertThat(published.warnings()).isEmpty();
            assertThat(published.plan().actualType()).isEqualTo(BackupType.INCREMENTAL);
            assertThat(published.plan().parentId()).contains(chain.newest().backupId());
            // Both changed blocks, the block that was the parent's last, and the new last one.
            assertThat(published.readBytes()).isLessThanOrEqualTo(4 * MIB);
            assertThat(published.account().storedBytes()).isPositive();
            assertThat(published.account().total()).isEqualTo(Files.size(image));
        }
        try (Repository repository = open(copy)) {
            new ImageBackups(repository, "claim", chain.volumeId())
                    .assertRestores(id, image, restored);
            assertThat(new Verifier(repository, 100).verifyAll().damaged()).isEmpty();
            Image oldest = chain.backups().getFirst();
            Files.delete(restored);
            assertRestores(repository, chain, oldest, restored);
        }
    }

    /** New bytes across the border of two blocks; the volume grows by a block and a half. */
    private Path change(Path image, long bytes) throws IOException {
        Extent changed = new Extent(3 * MIB - 100, 200);
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.seek(changed.offset());
            file.write(new SeededBytes().next((int) changed.length()));
            file.setLength(bytes + MIB * 3 / 2);
        }
        return ImageBackups.ranges(folder.resolve("changed.json"), changed);
    }

    private static void assertRestores(Repository repository, Chain chain, Image image, Path target)
            throws IOException {
        new ImageBackups(repository, "claim", chain.volumeId())
                .restore(image.backupId(), target, 2);
        assertThat(Files.size(target)).isEqualTo(image.bytes());
        assertThat(FileTree.sha256(target))
                .as("backup %s", image.backupId())
                .isEqualTo(image.sha256());
    }

    private Repository open(Path repo) throws IOException {
        return Repository.open(
                FilesystemBlobStorage.open(repo),
                PASSWORD,
                new RepositorySettings(
                        folder.resolve("cache"), InstantSource.system(), new SecureRandom()));
    }
}
