package io.varve.job.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.blob.filesystem.FilesystemBlobStorage;
import io.varve.kube.BaseFate;
import io.varve.kube.api.RunObjects;
import io.varve.kube.snapshot.RetainedBase;
import io.varve.mover.block.ImageBackups;
import io.varve.mover.block.TestRepositories;
import io.varve.repository.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BaseFatesTest {

    private static final Instant NOW = Instant.parse("2026-03-31T12:00:00Z");

    @TempDir Path folder;
    private Repository repository;
    private String backupId;

    @BeforeEach
    void open() throws IOException {
        repository = TestRepositories.create(FilesystemBlobStorage.create(folder.resolve("repo")));
        Path image = Files.write(folder.resolve("image"), new byte[1 << 20]);
        ImageBackups backups = new ImageBackups(repository, "data", "volume-1");
        backupId = backups.run(backups.full(image, "change-1"), 1).backupId();
    }

    @AfterEach
    void close() throws IOException {
        repository.close();
    }

    private BaseFate fate(String backup, Duration age, String handle) throws IOException {
        return new BaseFates(repository.backups(), NOW)
                .fate(
                        new RetainedBase(
                                "varve",
                                "varve-1",
                                new RunObjects("run", "nightly", "uid", "repo"),
                                "volume-1",
                                backup,
                                "driver",
                                handle,
                                NOW.minus(age)));
    }

    @Test
    void theBaseOfARecentBackupIsNeeded() throws IOException {
        assertThat(fate(backupId, Duration.ofDays(13), "handle")).isEqualTo(new BaseFate.Needed());
    }

    @Test
    void theBaseOfADeletedBackupIsNot() throws IOException {
        repository.backups().delete(List.of(backupId));
        assertThat(fate(backupId, Duration.ofDays(1), "handle"))
                .isInstanceOfSatisfying(
                        BaseFate.Unneeded.class,
                        fate -> assertThat(fate.reason()).contains(backupId));
    }

    @Test
    void aBaseThatNothingReplacesIsReportedAfterTwoWeeksAndFreedAfterThirtyDays()
            throws IOException {
        assertThat(fate(backupId, Duration.ofDays(14), "handle"))
                .isInstanceOfSatisfying(
                        BaseFate.Doubtful.class,
                        fate -> assertThat(fate.reason()).contains("volume-1 in 14 days"));
        assertThat(fate(backupId, Duration.ofDays(30), "handle"))
                .isInstanceOf(BaseFate.Unneeded.class);
    }

    @Test
    void ofABaseWithoutAContentNobodyKnowsTheAge() throws IOException {
        assertThat(fate(backupId, Duration.ofDays(9999), ""))
                .isEqualTo(new BaseFate.Doubtful("its VolumeSnapshotContent is gone"));
    }
}
