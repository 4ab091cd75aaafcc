package io.varve.job.cluster;

import static io.varve.kube.BackupCluster.NEVER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.cbt.csi.TrackedBlocks;
import io.varve.cbt.csi.TrackingException;
import io.varve.cluster.ClusterStorage.Part;
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
import java.util.List;
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
    private Path definitions;

    ClusterVolumeTest(ControlPlane plane) {
        this.plane = plane;
    }

    @BeforeEach
    void start(@TempDir Path folder, @TempDir Path definitions) throws IOException {
        cluster = BackupCluster.start(plane, folder);
        claim = cluster.claim("data");
        this.definitions = definitions;
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

    @Test
    void noBaseStaysWhereNoneIsWantedNeededOrAskedFor() throws IOException {
        for (ClusterVolume without :
                List.of(
                        volume("snapshot: {retain: never}", CbtMode.AUTO),
                        volume(driver("needsBase: false"), CbtMode.AUTO),
                        volume(
                                "snapshot: {retain: always}\n" + driver("needsBase: false"),
                                CbtMode.AUTO),
                        volume("", CbtMode.COMPARE))) {
            TakenSnapshot first = backUp(without, "backup-1", Optional::empty);
            assertThat(cluster.snapshots()).doesNotContain(first.handle()).isEmpty();
        }
    }

    @Test
    void aBaseThatIsAlwaysWantedStaysWhateverTheBackupAsked() throws IOException {
        ClusterVolume always = volume("snapshot: {retain: always}", CbtMode.COMPARE);
        TakenSnapshot first = backUp(always, "backup-1", Optional::empty);
        assertThat(cluster.snapshots()).containsExactly(first.handle());
    }

    @Test
    void withoutItsBaseTheNextBackupIsToldWhatIsAllocatedAndWhyNotWhatChanged() throws IOException {
        TakenSnapshot first =
                backUp(
                        volume("snapshot: {retain: never}", CbtMode.AUTO),
                        "backup-1",
                        Optional::empty);
        ClusterVolume next = volume("snapshot: {retain: never}", CbtMode.AUTO);
        TakenSnapshot second = next.take(NEVER);
        assertThat(next.track(second, first.changeId(), NEVER))
                .isInstanceOfSatisfying(
                        TrackedBlocks.Allocated.class,
                        allocated ->
                                assertThat(allocated.failures())
                                        .singleElement()
                                        .satisfies(
                                                why ->
                                                        assertThat(why)
                                                                .hasMessageContaining(
                                                                        first.handle())));
    }

    @Test
    void aDenialEndsABackupUnlessVolumesMayBeReadWholeThen() throws IOException {
        cluster.storage()
                .control(Part.SIDECAR)
                .behave(
                        """
                        {"faults": {"GetMetadataAllocated": {"code": "PERMISSION_DENIED", "message": "not you"}}}
                        """);
        ClusterVolume byDefault = volume("", CbtMode.AUTO);
        TakenSnapshot taken = byDefault.take(NEVER);
        assertThatThrownBy(() -> byDefault.track(taken, Optional.empty(), NEVER))
                .isInstanceOfSatisfying(
                        TrackingException.class,
                        e -> assertThat(e.kind()).isEqualTo(TrackingException.Kind.DENIED))
                .hasMessageContaining("not you")
                .hasMessageContaining("trackingDenied: full");

        assertThat(
                        volume("trackingDenied: full", CbtMode.AUTO)
                                .track(taken, Optional.empty(), NEVER))
                .isInstanceOfSatisfying(
                        TrackedBlocks.Unknown.class,
                        unknown ->
                                assertThat(unknown.failures())
                                        .singleElement()
                                        .satisfies(
                                                why ->
                                                        assertThat(why)
                                                                .hasMessageContaining("not you")));
    }

    private String driver(String profile) {
        return "drivers: {%s: {%s}}".formatted(cluster.driver(), profile);
    }

    /** Of a run of its own. */
    private ClusterVolume volume(String more, CbtMode cbt) throws IOException {
        ClaimBackup backup =
                new ClaimBackup(
                        "prod",
                        claim,
                        BackupType.INCREMENTAL,
                        BackupRequest.PARENT_AUTO,
                        cbt,
                        "",
                        "nightly");
        Path file = Files.writeString(definitions.resolve("nightly.yaml"), DEFINITION + more);
        ClusterOptions options =
                new ClusterOptions(
                        DefinitionFile.read(file).definition().orElseThrow(), Optional.empty());
        return new ClusterVolume(connected, backup, BackupCluster.newRun(), options);
    }

    private TakenSnapshot backUp(String backupId, Former former) throws IOException {
        return backUp(volume("", CbtMode.AUTO), backupId, former);
    }

    private static TakenSnapshot backUp(ClusterVolume volume, String backupId, Former former)
            throws IOException {
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
