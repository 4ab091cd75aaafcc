package io.varve.mover.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.KeptRepositories;
import io.varve.SettableClock;
import io.varve.blob.MemoryBlobStorage;
import io.varve.format.compress.Compression;
import io.varve.format.crypto.EncryptionAlgorithm;
import io.varve.format.hash.HashAlgorithm;
import io.varve.repository.CreateOptions;
import io.varve.repository.Repository;
import io.varve.repository.RepositoryCreator;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every hash, encryption and compression that we write with: what is written is what is read. */
class WriterMatrixTest {

    @TempDir Path folder;

    static Stream<Arguments> algorithms() {
        return Arrays.stream(HashAlgorithm.values())
                .flatMap(
                        hash ->
                                Arrays.stream(EncryptionAlgorithm.values())
                                        .flatMap(
                                                encryption ->
                                                        Stream.of(
                                                                        Compression.NONE,
                                                                        Compression.ZSTD_FASTEST)
                                                                .map(
                                                                        compression ->
                                                                                Arguments.of(
                                                                                        hash,
                                                                                        encryption,
                                                                                        compression))));
    }

    @ParameterizedTest
    @MethodSource("algorithms")
    void everyBackupOfAVolumeThatChangesGrowsAndShrinksRestores(
            HashAlgorithm hash, EncryptionAlgorithm encryption, Compression compression)
            throws IOException {
        CreateOptions options =
                new CreateOptions(hash, encryption, BackupHarness.DEFAULTS.splitter(), compression);
        SettableClock clock = new SettableClock(BackupHarness.START);
        MemoryBlobStorage disk = new MemoryBlobStorage(clock);
        Map<String, byte[]> images = new LinkedHashMap<>();
        try (Repository repository =
                new RepositoryCreator(disk, BackupHarness.settings(clock, new SecureRandom()))
                        .create(options, BackupHarness.password())) {
            Volume volume = new Volume(repository, clock, folder);
            // An odd size; one block changed; grown within the padding and beyond; shrunk.
            volume.backUp(images, Images.of("at0", 777));
            volume.backUp(images, Images.of("bt0", 777), 0);
            volume.backUp(images, Images.of("btct0", 4096 + 512), 3, 4);
            volume.backUp(images, Images.of("bt", 511));
        }
        try (Repository reopened =
                Repository.open(
                        disk,
                        BackupHarness.password(),
                        BackupHarness.settings(clock, new SecureRandom()))) {
            assertThat(reopened.format().hash()).isEqualTo(hash.formatName());
            assertThat(reopened.format().encryption()).isEqualTo(encryption.formatName());
            BackupHarness.assertHolds(reopened, images);
            KeptRepositories.keep(
                    "matrix-%s-%s-%s".formatted(hash, encryption, compression),
                    disk,
                    BackupHarness.password());
        }
    }

    /** A volume and its backups, an hour apart; each incremental reads what it must, no more. */
    private record Volume(Repository repository, SettableClock clock, Path folder) {

        void backUp(Map<String, byte[]> images, byte[] image, int... changed) throws IOException {
            clock.advance(Duration.ofHours(1));
            int number = images.size();
            RecordedRun run =
                    number == 0
                            ? BackupHarness.full("r0", image, clock.instant())
                            : BackupHarness.tracked(
                                    "r" + number,
                                    image,
                                    Images.ranges(
                                            folder.resolve("changed-" + number), image, changed),
                                    "r" + (number - 1),
                                    clock.instant());
            PublishedBackup published = run.partitions(2).execute(repository);
            assertThat(published.plan().actualType())
                    .isEqualTo(number == 0 ? BackupType.FULL : BackupType.INCREMENTAL);
            assertThat(published.plan().warnings()).isEmpty();
            assertThat(published.account().total()).isEqualTo(image.length);
            images.put(published.backupId(), image);
        }
    }
}
