package io.varve.cluster;

import static io.varve.kube.BackupCluster.NEVER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.varve.cluster.ClusterStorage.Part;
import io.varve.kube.BackupCluster;
import io.varve.kube.Cluster;
import io.varve.kube.RunFate;
import io.varve.kube.SweepReport;
import io.varve.kube.api.RunObjects;
import io.varve.kube.api.WaitTimeoutException;
import io.varve.kube.claim.ClaimState;
import io.varve.kube.claim.SourceClaim;
import io.varve.kube.claim.VolumeMode;
import io.varve.kube.restore.ProvisionSettings;
import io.varve.kube.restore.WantedClaim;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole way of a restore, as a cluster's user has it, and what is rarer: under the rendered
 * accounts. Then the API server's audit log is held against the Roles that they have.
 */
@Order(1)
class ClusterRestoreTest extends ClusterStorageHarness {

    private static final String ACCOUNT = "launcher-restore";
    private static final int MIB = 1 << 20;
    private static final long SEED = 20261130;

    private final Random random = new Random(SEED);

    ClusterRestoreTest(ControlPlane plane) throws IOException {
        super(plane);
    }

    @Test
    void claimsComeBackByTheRightsThatAreRenderedAndAllOfTheseAreUsed(@TempDir Path folder)
            throws IOException, SQLException {
        String more =
                "storageClasses: {%s: {copySecrets: [kms-token], copyConfigMaps: [kms-config]}}"
                        .formatted(storage.driver());
        try (InstalledVarve varve = InstalledVarve.install(plane, storage, folder, more)) {
            makeCopied(varve.tenant());
            Path volume = claim(varve);
            write(volume, 3 * MIB, text(2 * MIB));
            varve.jobs().await(varve.start());
            String hash = hash(volume);
            String backupId = varve.backups().getFirst().path("backupId").asString();

            inPlaceOnlyWhatDiffersIsWrittenAlsoByASecondMover(varve, backupId);
            assertThat(hash(volume)).isEqualTo(hash);
            deadRunsAreSwept(varve);
            String elsewhere = aLostNamespaceComesBackFromTheRepositoryAlone(varve, backupId);
            assertThat(hash(storage.volume(boundVolume(claimIn(elsewhere, "data")))))
                    .isEqualTo(hash);
            aFilesystemIsRestoredForANode(varve, elsewhere, backupId);
            assertThat(news(elsewhere))
                    .extracting(Event::getReason)
                    .containsExactly("RestoreCompleted", "RestoreCompleted");
            assertThat(varve.leftovers()).isEmpty();

            AccessAudit audit = AccessAudit.of(plane, varve.namespace(), ACCOUNT);
            assertThat(audit.ungranted()).as("asked for, and not granted").isEmpty();
            assertThat(audit.unused()).as("granted, and not used").isEmpty();
        }
    }

    private void inPlaceOnlyWhatDiffersIsWrittenAlsoByASecondMover(
            InstalledVarve varve, String backupId) throws IOException {
        PersistentVolumeClaim before = claimIn(varve.tenant(), "data");
        Path volume = storage.volume(boundVolume(before));
        write(volume, 4 * MIB, text(100));
        write(volume, 20 * MIB, text(100));
        List<String> words =
                List.of(
                        backupId,
                        "--to-pvc",
                        varve.tenant() + "/data",
                        "--in-place",
                        "incremental");
        aPreviewSaysWhatARestoreWritesAtMostWhileAPodHasTheClaimAlsoAfterAKill(
                varve, volume, Stream.concat(words.stream(), Stream.of("--preview")).toList());
        Job job = varve.restore(varve.tenant(), words);
        varve.node().kill(Waiting.until("a mover", varve::runningMover));
        Pod second =
                Waiting.until(
                        "a second launcher",
                        () ->
                                varve.jobs().of(job).stream()
                                        .filter(JobPods::isRunning)
                                        .filter(pod -> varve.jobs().of(job).size() > 1)
                                        .findFirst());
        // Nobody's then, and has to be removed by itself.
        Pod orphan = Waiting.until("a second mover", varve::runningMover);
        admin.resource(jobOf(orphan)).withPropagationPolicy(DeletionPropagation.ORPHAN).delete();
        varve.node().kill(second);
        assertThat(varve.jobs().await(job))
                .contains("30.0 MiB skipped; blocks compared that the storage calls changed");

        PersistentVolumeClaim now = claimIn(varve.tenant(), "data");
        assertThat(storage.volume(boundVolume(now))).isEqualTo(volume);
        assertThat(now.getMetadata().getUid()).isNotEqualTo(before.getMetadata().getUid());
        assertThat(varve.leftovers()).isEmpty();
        assertThat(storage.control(Part.DRIVER).volumes()).hasSize(2);
        assertThat(news(varve.tenant()))
                .extracting(Event::getReason)
                .containsExactly(
                        "BackupStarted", "BackupCompleted", "RestoreStarted", "RestoreCompleted");
        assertThat(news(varve.tenant()).getLast())
                .satisfies(
                        event -> {
                            assertThat(event.getInvolvedObject().getUid())
                                    .isEqualTo(now.getMetadata().getUid());
                            assertThat(event.getMessage())
                                    .startsWith("restored from backup " + backupId)
                                    .contains(" skipped; blocks compared");
                        });
    }

    /** A backup's as well, and one whose claim the controllers did not bind. */
    private void deadRunsAreSwept(InstalledVarve varve) throws IOException {
        RunObjects backup = BackupCluster.newRun();
        RunObjects restore = BackupCluster.newRun();
        WantedClaim wanted =
                new WantedClaim(
                        varve.tenant(),
                        "unbound",
                        VolumeMode.BLOCK,
                        "",
                        storage.driver(),
                        List.of("ReadWriteOnce"),
                        Map.of(),
                        MIB,
                        false);
        try (Cluster cluster = connect(varve, ACCOUNT, 2);
                Cluster patient = connect(varve, ACCOUNT, 120);
                Cluster ofBackups = connect(varve, "launcher-backup", 120)) {
            storage.control(Part.DRIVER)
                    .behave(
                            """
                            {"snapshotReadyAfter": "never", "faults": {"CreateVolume": {"code": "INTERNAL", "message": "busy"}}}
                            """);
            SourceClaim claim =
                    ((ClaimState.Ready) ofBackups.claims().find(varve.tenant(), "data")).claim();
            assertThatThrownBy(() -> ofBackups.snapshots().take(claim, backup, ready(2), NEVER))
                    .isInstanceOf(WaitTimeoutException.class);
            assertThatThrownBy(() -> provision(cluster, restore, wanted))
                    .isInstanceOf(WaitTimeoutException.class);
            storage.control(Part.DRIVER).behave("{}");
            provision(patient, restore, wanted);
            assertThatThrownBy(() -> patient.restores().bind(restore, wanted, () -> true))
                    .isInstanceOf(InterruptedIOException.class);
            admin.persistentVolumes()
                    .withName(restore.volume())
                    .edit(
                            volume -> {
                                volume.getSpec().getClaimRef().setUid("of-nobody");
                                return volume;
                            });
            assertThatThrownBy(() -> cluster.restores().bind(restore, wanted, NEVER))
                    .isInstanceOf(WaitTimeoutException.class)
                    .hasMessageContaining("unbound: not bound");
            SweepReport report = patient.sweep().sweep(run -> RunFate.ENDED, NEVER);
            assertThat(report.failed()).isEmpty();
        }
        assertThat(varve.leftovers()).isEmpty();
        assertThat(storage.control(Part.DRIVER).volumes()).hasSize(2);
    }

    private static void provision(Cluster cluster, RunObjects run, WantedClaim wanted)
            throws IOException {
        cluster.restores().provision(run, wanted, MIB, ProvisionSettings.DEFAULT, NEVER);
    }

    /** As an installation of its own: its sweep leaves alone what is not the test's. */
    private Cluster connect(InstalledVarve varve, String account, int seconds) throws IOException {
        return plane.connect(
                varve.namespace(), account, varve.namespace(), Duration.ofSeconds(seconds));
    }

    /** Only the repository, its password and a definition are left. */
    private String aLostNamespaceComesBackFromTheRepositoryAlone(
            InstalledVarve varve, String backupId) throws IOException, SQLException {
        varve.loseDatabase();
        lose(varve);
        String elsewhere = varve.tenant() + "-again";
        make("{apiVersion: v1, kind: Namespace, metadata: {name: %s}}".formatted(elsewhere));
        makeCopied(elsewhere);
        Job job =
                varve.restore(
                        elsewhere,
                        List.of(
                                backupId,
                                "--to-pvc",
                                elsewhere + "/data",
                                "--create-namespace",
                                "--verify"));
        assertThat(varve.jobs().await(job)).contains("verified").contains("30.0 MiB zeroed");

        PersistentVolumeClaim restored = claimIn(elsewhere, "data");
        assertThat(restored.getSpec().getVolumeMode()).isEqualTo("Block");
        assertThat(restored.getMetadata().getLabels()).containsEntry("app", "shop");
        return elsewhere;
    }

    private void aFilesystemIsRestoredForANode(
            InstalledVarve varve, String ofNamespace, String backupId) throws IOException {
        varve.jobs()
                .await(
                        varve.restore(
                                ofNamespace,
                                List.of(
                                        backupId,
                                        "--to-pvc",
                                        ofNamespace + "/files",
                                        "--volume-mode",
                                        "filesystem",
                                        "--storage-class",
                                        storage.waitingClass(),
                                        "--node",
                                        varve.node().name())));
        assertThat(claimIn(ofNamespace, "files").getSpec().getVolumeMode()).isEqualTo("Filesystem");
    }

    private void aPreviewSaysWhatARestoreWritesAtMostWhileAPodHasTheClaimAlsoAfterAKill(
            InstalledVarve varve, Path volume, List<String> words) throws IOException {
        String changed = hash(volume);
        PersistentVolumeClaim before = claimIn(varve.tenant(), "data");
        HasMetadata user = user(varve);
        int snapshots = storage.control(Part.DRIVER).snapshots().size();
        storage.control(Part.DRIVER).behave("{\"snapshotReadyAfter\": \"never\"}");
        Job preview = varve.restore(varve.tenant(), words);
        Waiting.until(
                "the preview's snapshot",
                () ->
                        storage.control(Part.DRIVER).snapshots().size() > snapshots
                                ? Optional.of(preview)
                                : Optional.empty());
        varve.node().kill(varve.jobs().of(preview).getFirst());
        storage.control(Part.DRIVER).behave("{}");
        // The Job's next pod.
        assertThat(varve.jobs().await(preview))
                .contains("at most 2.0 MiB to be written")
                .contains("blocks compared that the storage calls changed")
                .contains("Pod %s/user (Pending)".formatted(varve.tenant()));

        PersistentVolumeClaim now = claimIn(varve.tenant(), "data");
        assertThat(now.getMetadata().getUid()).isEqualTo(before.getMetadata().getUid());
        assertThat(now.getMetadata().getAnnotations())
                .isEqualTo(before.getMetadata().getAnnotations());
        assertThat(now.getSpec()).isEqualTo(before.getSpec());
        assertThat(hash(volume)).isEqualTo(changed);
        assertThat(
                        varve.database()
                                .queryForList(
                                        "SELECT status FROM varve_run WHERE kind = 'PREVIEW' ORDER BY created_at",
                                        String.class))
                .containsExactly("ABANDONED", "COMPLETED");
        assertThat(varve.leftovers()).isEmpty();
        assertThat(storage.control(Part.DRIVER).snapshots()).hasSize(snapshots);

        admin.resource(user).delete();
    }

    /**
     * No scheduler takes it, so that it can be deleted at once; it names the claim all the same.
     */
    private static HasMetadata user(InstalledVarve varve) {
        return varve.make(
                """
                {apiVersion: v1, kind: Pod, metadata: {namespace: "%s", name: user}, spec: {schedulerName: nobody, containers:
                  [{name: main, image: none, volumeDevices: [{name: data, devicePath: /dev/data}]}],
                  volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]}}
                """
                        .formatted(varve.tenant()));
    }

    private PersistentVolumeClaim claimIn(String ofNamespace, String name) {
        return admin.persistentVolumeClaims().inNamespace(ofNamespace).withName(name).get();
    }

    /** All of a tenant's, and what Varve had in its own namespace. */
    private void lose(InstalledVarve varve) throws IOException {
        admin.resource(claimIn(varve.tenant(), "data")).delete();
        admin.genericKubernetesResources(SNAPSHOTS, "VolumeSnapshot")
                .inNamespace(varve.namespace())
                .delete();
        Waiting.until(
                "the claim to go",
                () ->
                        Optional.ofNullable(claimIn(varve.tenant(), "data")).isPresent()
                                ? Optional.empty()
                                : Optional.of(varve));
    }

    private Path claim(InstalledVarve varve) throws IOException {
        HasMetadata claim =
                varve.make(
                        """
                        {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {namespace: "%s", name: data, labels: {app: shop}}, spec: {
                          storageClassName: "%s", volumeMode: Block, accessModes: [ReadWriteOnce], resources: {requests: {storage: 32Mi}}}}
                        """
                                .formatted(varve.tenant(), storage.driver()));
        return storage.volume(boundVolume(claim));
    }

    private String text(int bytes) {
        byte[] some = new byte[bytes / 2];
        random.nextBytes(some);
        return HexFormat.of().formatHex(some);
    }
}
