package io.varve.job.cluster;

import static io.varve.kube.BackupCluster.NEVER;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.cluster.ControlPlane;
import io.varve.cluster.NeedsControlPlane;
import io.varve.job.ClaimBackup;
import io.varve.job.ClaimVolume.Former;
import io.varve.job.ClaimVolume.PublishedSnapshot;
import io.varve.job.StoredSnapshot;
import io.varve.job.definition.DefinitionFile;
import io.varve.kube.BackupCluster;
import io.varve.kube.Cluster;
import io.varve.kube.SomebodyElse;
import io.varve.kube.claim.SourceClaim;
import io.varve.kube.snapshot.TakenSnapshot;
import io.varve.mover.block.BackupRequest;
import io.varve.mover.block.BackupType;
import io.varve.mover.block.CbtMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One base stays for the next backup, and the one before goes, whatever is left of it. */
@NeedsControlPlane
class ClusterVolumeTest {

    private static final String DEFINITION =
            """
            version: 1
            name: nightly
            image: varve:1
            repository:
              location: file:///repository
              claim: varve-repository
              password: {secret: varve, key: password}
            database:
              url: jdbc:postgresql://db:6432/varve
              user: {secret: varve-db, key: user}
              password: {secret: varve-db, key: password}
            volumes:
              - namespaces: [shop]
            """;

    private final ControlPlane plane;
    private BackupCluster cluster;
    private Cluster connected;
    private SourceClaim claim;
    private ClusterOptions options;

    ClusterVolumeTest(ControlPlane plane) {
        this.plane = plane;
    }

    @BeforeEach
    void start(@TempDir Path folder, @TempDir Path definitions) throws IOException {
        cluster = BackupCluster.start(plane, folder);
        claim = cluster.claim("data");
        options =
                new ClusterOptions(
                        DefinitionFile.read(
                                        Files.writeString(
                                                definitions.resolve("nightly.yaml"), DEFINITION))
                                .definition()
                                .orElseThrow(),
                        Optional.empty());
        connected = cluster.connect();
    }

    @AfterEach
    void stop() throws IOException {
        connected.close();
        cluster.close();
    }

    @Test
    void aNewerBackupFreesTheBaseOfTheOneBefore() throws IOException {
        TakenSnapshot first = backUp("backup-1", Optional::empty);
        assertThat(cluster.snapshots()).containsExactly(first.handle());
        TakenSnapshot second = backUp("backup-2", () -> stored(first));
        assertThat(cluster.snapshots()).containsExactly(second.handle());
    }

    @Test
    void aBaseWhoseObjectsAreGoneIsFreedByWhatItsBackupTells() throws IOException {
        TakenSnapshot first = backUp("backup-1", Optional::empty);
        new SomebodyElse(cluster).forgets(first);
        assertThat(cluster.snapshots()).containsExactly(first.handle());
        TakenSnapshot second = backUp("backup-2", () -> stored(first));
        assertThat(cluster.snapshots()).containsExactly(second.handle());
    }

    @Test
    void aBaseThatIsGoneInTheStorageTooIsNoWarning() throws IOException {
        TakenSnapshot second =
                backUp(
                        "backup-2",
                        () ->
                                Optional.of(
                                        new StoredSnapshot(
                                                cluster.driver(), "gone", "", Map.of())));
        assertThat(cluster.snapshots()).containsExactly(second.handle());
    }

    private TakenSnapshot backUp(String backupId, Former former) throws IOException {
        ClaimBackup backup =
                new ClaimBackup(
                        "prod",
                        claim,
                        BackupType.INCREMENTAL,
                        BackupRequest.PARENT_AUTO,
                        CbtMode.AUTO,
                        "",
                        "nightly");
        ClusterVolume volume =
                new ClusterVolume(connected, backup, BackupCluster.newRun(), options);
        TakenSnapshot taken = volume.take(NEVER);
        assertThat(volume.release(Optional.of(new PublishedSnapshot(taken, backupId, former))))
                .isEmpty();
        return taken;
    }

    private static Optional<StoredSnapshot> stored(TakenSnapshot taken) {
        return Optional.of(
                new StoredSnapshot(
                        taken.driver(),
                        taken.handle(),
                        taken.snapshotClass(),
                        taken.deletionSecrets()));
    }
}
