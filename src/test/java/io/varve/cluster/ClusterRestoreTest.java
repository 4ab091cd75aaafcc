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
import tools.jackson.databind.JsonNode;

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
    void claimsComeBackByTheRightsThatAreRenderedAndAllOfTheseAreUsed(
            @TempDir Path folder, @TempDir Path samples) throws IOException {
        String copies = "{copySecrets: [kms-token], copyConfigMaps: [kms-config]}";
        // As the demonstration driver, this one tells nothing of a Filesystem volume, by a refusal.
        String more =
                "trackingDenied: full\nstorageClasses: {%s: %s, %s: %s}"
                        .formatted(storage.driver(), copies, storage.waitingClass(), copies);
        try (InstalledVarve varve = InstalledVarve.install(plane, storage, folder, more)) {
            makeCopied(varve.tenant());
            Path volume = tenantClaim(varve, "data", "32Mi");
            write(volume, 3 * MIB, text(2 * MIB));
            SampleFiles files = SampleFiles.in(samples, random);
            files.makeFilesystem(filesystemClaim(varve));
            varve.jobs().await(varve.start());
            String hash = hash(volume);
            List<JsonNode> backups = varve.backups();
            String backupId = backupOf("data", backups);

            inPlaceOnlyWhatDiffersIsWrittenAlsoByASecondMover(varve, backupId);
            assertThat(hash(volume)).isEqualTo(hash);
            deadRunsAreSwept(varve);
            String elsewhere =
                    aFilesystemIsRestoredForANodeInANewNamespace(varve, backupOf("files", backups));
            assertThat(sumsThatAPodReads(varve, elsewhere)).isEqualTo(files.sums());
            assertThat(news(elsewhere))
                    .extracting(Event::getReason)
                    .containsExactly("RestoreCompleted");
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
        assertThat(storage.control(Part.DRIVER).volumes()).hasSize(3);
        theOwnersAreTold(varve, now, backupId);
    }

    private void theOwnersAreTold(
            InstalledVarve varve, PersistentVolumeClaim restored, String backupId) {
        List<Event> told =
                news(varve.tenant()).stream()
                        .filter(event -> event.getInvolvedObject().getName().equals("data"))
                        .toList();
        assertThat(told)
                .extracting(Event::getReason)
                .containsExactly(
                        "BackupStarted", "BackupCompleted", "RestoreStarted", "RestoreCompleted");
        assertThat(told.getLast())
                .satisfies(
                        event -> {
                            assertThat(event.getInvolvedObject().getUid())
                                    .isEqualTo(restored.getMetadata().getUid());
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
        assertThat(storage.control(Part.DRIVER).volumes()).hasSize(3);
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

    private String aFilesystemIsRestoredForANodeInANewNamespace(
            InstalledVarve varve, String backupId) throws IOException {
        String elsewhere = varve.tenant() + "-again";
        make("{apiVersion: v1, kind: Namespace, metadata: {name: %s}}".formatted(elsewhere));
        makeCopied(elsewhere);
        Job job =
                varve.restore(
                        elsewhere,
                        List.of(
                                backupId,
                                "--to-pvc",
                                elsewhere + "/files",
                                "--create-namespace",
                                "--storage-class",
                                storage.waitingClass(),
                                "--node",
                                varve.node().name(),
                                "--verify"));
        assertThat(varve.jobs().await(job)).contains("verified");
        assertThat(claimIn(elsewhere, "files").getSpec().getVolumeMode()).isEqualTo("Filesystem");
        return elsewhere;
    }

    /** Of the files in the new claim, which the driver's node mounts as it does for any pod. */
    private List<String> sumsThatAPodReads(InstalledVarve varve, String ofNamespace)
            throws IOException {
        NodePods pods = new NodePods(admin, ofNamespace);
        Pod reader =
                pods.run(
                        varve.node().name(),
                        "reader",
                        "volumes: [{name: files, persistentVolumeClaim: {claimName: files}}],",
                        "workingDir: /files, volumeMounts: [{name: files, mountPath: /files}],",
                        SampleFiles.PRINT_SUMS);
        assertThat(pods.end(reader).getExitCode()).isZero();
        return varve.node().log(reader, "main").lines().toList();
    }

    private static String backupOf(String claim, List<JsonNode> backups) {
        return backups.stream()
                .filter(each -> each.path("volume").asString().endsWith("/" + claim))
                .map(each -> each.path("backupId").asString())
                .findFirst()
                .orElseThrow();
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

    /** The file behind it, which no pod uses. */
    private Path filesystemClaim(InstalledVarve varve) throws IOException {
        HasMetadata claim =
                varve.make(
                        """
                        {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {namespace: "%s", name: files}, spec: {
                          storageClassName: "%s", accessModes: [ReadWriteOnce], resources: {requests: {storage: 32Mi}}}}
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
