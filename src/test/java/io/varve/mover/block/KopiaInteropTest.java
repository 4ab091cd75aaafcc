package io.varve.mover.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.KeptRepositories;
import io.varve.NeedsKopia;
import io.varve.blob.BlobStorage;
import io.varve.blob.Crash;
import io.varve.blob.FaultyBlobStorage;
import io.varve.blob.filesystem.FilesystemBlobStorage;
import io.varve.repository.Backup;
import io.varve.repository.Repository;
import io.varve.repository.RepositoryCreator;
import io.varve.repository.RepositorySettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real kopia reads, verifies, restores and maintains what we write, and we go on after it. */
@NeedsKopia
class KopiaInteropTest {

    private static final byte[] FIRST = Images.of("ab0tab0d", 777);
    private static final byte[] SECOND = Images.of("ab0eaf0g", 777);
    private static final byte[] THIRD = Images.of("ab0eaf0gh", 4096 + 512);

    @TempDir Path folder;

    private Path root;
    private Kopia kopia;
    private final Map<String, byte[]> images = new LinkedHashMap<>();

    @BeforeEach
    void create() throws IOException {
        root = folder.resolve("repository");
        new RepositoryCreator(FilesystemBlobStorage.create(root), settings())
                .create(BackupHarness.DEFAULTS, BackupHarness.password())
                .close();
        kopia = new Kopia(Files.createDirectory(folder.resolve("kopia"))).connect(root);
    }

    @AfterEach
    void kopiaUnderstoodEveryBlob() throws IOException {
        assertThat(kopia.complaints()).isEmpty();
    }

    @Test
    void kopiaReadsMaintainsAndAddsAndWeGoOn() throws IOException {
        publish(BackupHarness.full("r1", FIRST, Instant.now()).partitions(2));
        images.put(newest(), FIRST);
        publish(BackupHarness.comparing("r2", SECOND, Instant.now()));
        images.put(newest(), SECOND);
        assertKopiaReadsAll("before");
        assertRecoveryFindsEveryContent();

        kopia.run("maintenance", "set", "--owner=me");
        kopia.run("maintenance", "run", "--full", "--safety=full");
        kopia.run("maintenance", "run", "--full", "--safety=none");
        kopia.run("maintenance", "run", "--full", "--safety=none");
        Path files = Files.createDirectory(folder.resolve("files"));
        Files.writeString(files.resolve("a.txt"), "kopia's own");
        String own = kopia.run("snapshot", "create", files.toString());
        assertKopiaReadsAll("after");

        Path ranges = Images.ranges(folder.resolve("changed"), THIRD, 7, 8);
        publish(BackupHarness.tracked("r3", THIRD, ranges, "r2", Instant.now()));
        images.put(newest(), THIRD);
        try (Repository repository = open()) {
            Backup backup = repository.backups().get(newest());
            assertThat(backup.type()).contains("INCREMENTAL");
            for (Map.Entry<String, byte[]> image : images.entrySet()) {
                assertThat(BackupHarness.restore(repository, image.getKey()))
                        .isEqualTo(image.getValue());
            }
        }
        Kopia fresh = new Kopia(Files.createDirectory(folder.resolve("fresh"))).connect(root);
        kopia = fresh;
        assertKopiaReadsAll("at the end");
        assertThat(own).contains("Created snapshot");
        KeptRepositories.keep("maintained-by-kopia", storage(), BackupHarness.password());
    }

    @Test
    void aRunThatKopiasMaintenanceMetDeadGoesOn() throws IOException {
        RecordedRun run = BackupHarness.full("r1", FIRST, Instant.now()).partitions(3);
        // The marker and two packs.
        try (Repository dying = open(new FaultyBlobStorage(storage(), 3))) {
            assertThatThrownBy(() -> run.execute(dying)).isInstanceOf(Crash.class);
        }
        kopia.run("maintenance", "set", "--owner=me");
        kopia.run("maintenance", "run", "--full", "--safety=none");
        kopia.run("maintenance", "run", "--full", "--safety=none");
        publish(run);
        images.put(newest(), FIRST);
        assertKopiaReadsAll("resumed");
        kopia.run("maintenance", "run", "--full", "--safety=none");
        assertKopiaReadsAll("maintained");
    }

    private void assertKopiaReadsAll(String when) throws IOException {
        String listed = kopia.run("snapshot", "list", "--all", "--show-identical", "--json");
        assertThat(listed).contains(images.keySet());
        kopia.run("snapshot", "verify", "--verify-files-percent=100");
        kopia.run("content", "verify", "--full", "--include-deleted");
        for (Map.Entry<String, byte[]> image : images.entrySet()) {
            Path target = folder.resolve(when.replace(' ', '-') + "-" + image.getKey());
            kopia.run("restore", image.getKey(), target.toString());
            byte[] restored = Files.readAllBytes(target.resolve(BackupHarness.VOLUME));
            // Kopia knows nothing of the real size: the volume comes padded to whole blocks.
            byte[] expected = Arrays.copyOf(image.getValue(), restored.length);
            assertThat(restored.length % (1 << 20)).isZero();
            assertThat(Arrays.mismatch(restored, expected)).as("%s, %s", when, image).isEqualTo(-1);
            Files.delete(target.resolve(BackupHarness.VOLUME));
        }
    }

    /** The packs alone tell all that the index tells. */
    private void assertRecoveryFindsEveryContent() throws IOException {
        String recovered = kopia.run("index", "recover", "--dangerous-commands=enabled");
        Matcher found = Pattern.compile("Found (\\d+) contents").matcher(recovered);
        assertThat(found.find()).as(recovered).isTrue();
        try (Repository repository = open()) {
            assertThat(Long.parseLong(found.group(1))).isEqualTo(repository.index().entryCount());
        }
    }

    private void publish(RecordedRun run) throws IOException {
        try (Repository repository = open()) {
            assertThat(run.execute(repository).plan().warnings()).isEmpty();
        }
    }

    private String newest() throws IOException {
        try (Repository repository = open()) {
            return repository.backups().list().stream()
                    .filter(Backup::isVarve)
                    .findFirst()
                    .orElseThrow()
                    .id();
        }
    }

    private BlobStorage storage() throws IOException {
        return FilesystemBlobStorage.open(root);
    }

    private Repository open() throws IOException {
        return open(storage());
    }

    private Repository open(BlobStorage storage) throws IOException {
        return Repository.open(storage, BackupHarness.password(), settings());
    }

    /** Kopia's clock is the real one. */
    private static RepositorySettings settings() {
        return new RepositorySettings(
                Path.of("target", "test-cache"), InstantSource.system(), new SecureRandom());
    }
}
