package io.varve.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.varve.cluster.ClusterStorage.Part;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.JsonNode;

/** The whole way of a backup, as a cluster's user has it: CronJob, launcher, mover, repository. */
@Order(1)
class ClusterBackupTest extends ClusterStorageHarness {

    private static final int MIB = 1 << 20;
    private static final long SEED = 20261129;

    private final Random random = new Random(SEED);

    ClusterBackupTest(ControlPlane plane) throws IOException {
        super(plane);
    }

    @Test
    void aSecondBackupReadsWhatTheDriverReportsAndNothingIsLeftBehind(@TempDir Path folder)
            throws IOException {
        try (InstalledVarve varve = InstalledVarve.install(plane, storage, folder, "")) {
            Path volume = claim(varve);
            ClusterInventory before = varve.inventory();
            write(volume, 3 * MIB, text(2 * MIB));
            String first = varve.jobs().await(varve.start());
            assertThat(first).contains("FIRST_BACKUP").contains(" 2.0 MiB read");

            write(volume, 20 * MIB, text(100));
            String hash = hash(volume);
            String second = varve.jobs().await(varve.start());
            assertThat(second).contains("incremental on").contains(" 1.0 MiB read");

            List<JsonNode> backups = varve.backups();
            assertThat(backups)
                    .extracting(each -> each.path("type").asString())
                    .containsExactly("INCREMENTAL", "FULL");
            String newest = backups.getFirst().path("backupId").asString();
            String claim = varve.tenant() + "/restored";
            varve.jobs().await(varve.restore(varve.tenant(), List.of(newest, "--to-pvc", claim)));
            PersistentVolumeClaim restored =
                    admin.persistentVolumeClaims()
                            .inNamespace(varve.tenant())
                            .withName("restored")
                            .require();
            assertThat(hash(storage.volume(boundVolume(restored)))).isEqualTo(hash);
            assertThat(varve.leftovers()).isEmpty();
            onlyWhatIsMeantToStayIsNew(varve, before, newest, restored);

            assertThat(varve.run("sweep", List.of("sweep", "--json")))
                    .contains("\"deleted\":[],\"left\":[]")
                    .contains(newest);
            assertThat(news(varve.tenant()))
                    .extracting(Event::getReason)
                    .containsExactly(
                            "BackupStarted",
                            "BackupCompleted",
                            "BackupStarted",
                            "BackupCompleted",
                            "RestoreCompleted");
        }
    }

    /** The newest backup's base and no other, the restored claim, and the launchers' own Jobs. */
    private void onlyWhatIsMeantToStayIsNew(
            InstalledVarve varve,
            ClusterInventory before,
            String newest,
            PersistentVolumeClaim restored)
            throws IOException {
        GenericKubernetesResource base =
                admin.genericKubernetesResources(SNAPSHOTS, "VolumeSnapshot")
                        .inNamespace(varve.namespace())
                        .withLabel("varve.io/role", "base")
                        .list()
                        .getItems()
                        .getFirst();
        assertThat(base.getMetadata().getAnnotations()).containsEntry("varve.io/backup", newest);
        List<String> stay =
                new ArrayList<>(
                        List.of(
                                "VolumeSnapshot " + base.getMetadata().getName(),
                                "VolumeSnapshotContent " + base.getMetadata().getName(),
                                "snapshot " + readyHandle(base),
                                "PersistentVolumeClaim restored",
                                "PersistentVolume " + restored.getSpec().getVolumeName(),
                                "volume " + boundVolume(restored)));
        for (String job : List.of("nightly-1", "nightly-2", "list-3", "restore-4")) {
            stay.addAll(List.of("Job " + job, "Pod of Job " + job));
        }
        ClusterInventory after =
                Waiting.until(
                        "the node to be done with the pods that have ended",
                        () -> Optional.of(varve.inventory()).filter(ClusterInventory::isIdle));
        assertThat(after.without(before)).containsExactlyInAnyOrderElementsOf(stay);
        assertThat(before.without(after)).isEmpty();
    }

    @Test
    void aDriverThatLeavesAChangeOutIsFoundAndNotAskedAgain(@TempDir Path folder)
            throws IOException {
        try (InstalledVarve varve =
                InstalledVarve.install(plane, storage, folder, "compareEvery: 2")) {
            Path volume = claim(varve);
            write(volume, 0, text(MIB));
            String claim = varve.tenant() + "/data";
            assertThat(
                            varve.run(
                                    "whole",
                                    List.of(
                                            "backup", "run", "nightly", "--pvc", claim, "--type",
                                            "full")))
                    .contains("REQUESTED");

            // The driver compares with the base that it kept: there it finds the same.
            String change = text(100);
            String base = storage.control(Part.DRIVER).snapshots().get(0).path("id").asString();
            write(storage.snapshot(base), 20 * MIB, change);
            write(volume, 20 * MIB, change);
            String found = varve.jobs().await(varve.start());
            claimThatIsNeverBound(varve);
            String next = varve.jobs().await(varve.start());

            assertThat(found).contains("TRACKING_WRONG").contains(" 32.0 MiB read");
            assertThat(next)
                    .contains("TRACKING_DISTRUSTED")
                    .contains(" 32.0 MiB read")
                    .contains("/waits cannot be backed up");
            assertThat(
                            varve.database()
                                    .queryForList("SELECT volume FROM v_unsupported", String.class))
                    .singleElement()
                    .asString()
                    .endsWith("/" + varve.tenant() + "/waits");
            List<JsonNode> backups = varve.backups();
            String wrong = backups.get(1).path("backupId").asString();
            assertThat(varve.hash(wrong)).isEqualTo(hash(volume));
            assertThat(varve.run("show", List.of("backup", "show", wrong)))
                    .contains("TRACKING_WRONG", "told no change there: 1, at byte 20971520");
            assertThat(news(varve.tenant()))
                    .extracting(Event::getReason)
                    .contains("ChangedBlocksWrong");
            assertThat(varve.leftovers()).isEmpty();
        }
    }

    @Test
    void allSnapshotsAreTakenAtTheStartAndMoversWaitForTheirNodeWithOneDeviceAndNoCredential(
            @TempDir Path folder) throws IOException {
        String more = "snapshot: {when: early}\nconcurrency: {total: 1, perNode: 1}";
        try (InstalledVarve varve = InstalledVarve.install(plane, storage, folder, more)) {
            write(claim(varve), 0, text(MIB));
            write(tenantClaim(varve, "more", "32Mi"), 0, text(MIB));
            // Also makes the tables.
            assertThat(varve.run("history", List.of("job", "list", "--json"))).contains("[]");
            JdbcTemplate database = varve.database();
            OccupiedNode occupied = OccupiedNode.occupy(database, varve.node().name());

            Job job = varve.start();
            occupied.awaitMover();
            assertThat(storage.control(Part.DRIVER).snapshots()).hasSize(2);
            assertThat(
                            database.queryForObject(
                                    "SELECT SUM(bytes_read) FROM varve_run_execution", Long.class))
                    .isZero();
            MoverConfinement mover =
                    new MoverConfinement(
                            admin,
                            varve.node(),
                            Waiting.until("a mover that runs", varve::runningMover));
            mover.assertNoCredential(varve.jobs().running(job, 0));
            mover.assertOneDevice(deviceOfRepository(varve));
            occupied.leave();

            assertThat(varve.jobs().await(job)).contains("2 of 2 volumes backed up");
            assertThat(varve.backups()).hasSize(2);
            assertThat(varve.leftovers()).isEmpty();
            assertThat(database.queryForList("SELECT node FROM varve_node_slot")).isEmpty();
        }
    }

    private static void claimThatIsNeverBound(InstalledVarve varve) {
        varve.make(
                """
                {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {namespace: "%s", name: waits}, spec: {
                  storageClassName: "no-such-class", volumeMode: Block, accessModes: [ReadWriteOnce],
                  resources: {requests: {storage: 1Mi}}}}
                """
                        .formatted(varve.tenant()));
    }

    /** Launchers and movers have it mounted, and none of them as a device. */
    private String deviceOfRepository(InstalledVarve varve) throws IOException {
        PersistentVolumeClaim claim =
                admin.persistentVolumeClaims()
                        .inNamespace(varve.namespace())
                        .withName("repository")
                        .require();
        Path file = storage.volume(boundVolume(claim)).toRealPath();
        return Objects.requireNonNull(storage.attached().get(file));
    }

    private Path claim(InstalledVarve varve) throws IOException {
        return tenantClaim(varve, "data", "32Mi");
    }

    private String text(int bytes) {
        byte[] some = new byte[bytes / 2];
        random.nextBytes(some);
        return HexFormat.of().formatHex(some);
    }
}
