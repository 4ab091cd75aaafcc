package io.varve.cluster;

import static io.varve.kube.BackupCluster.NEVER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.varve.cluster.ClusterStorage.Part;
import io.varve.kube.BackupCluster;
import io.varve.kube.Cluster;
import io.varve.kube.api.Ownership;
import io.varve.kube.api.RunObjects;
import io.varve.kube.api.WaitTimeoutException;
import io.varve.kube.claim.ClaimState;
import io.varve.kube.claim.SourceClaim;
import io.varve.kube.mover.ExposeSettings;
import io.varve.kube.snapshot.TakenSnapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Goal: launchers have the rights that they use, and no others. Method: all that launchers ever do
 * is done, the rare paths as well, under the rendered accounts; then the API server's audit log is
 * held against the Roles that it has.
 */
@Order(1)
class AccessAuditTest extends ClusterStorageHarness {

    private static final String ACCOUNT = "launcher-backup";
    private static final int MIB = 1 << 20;

    AccessAuditTest(ControlPlane plane) throws IOException {
        super(plane);
    }

    /** One that reports the blocks of Filesystem volumes as well. */
    @BeforeEach
    @Override
    void start(@TempDir Path folder) throws IOException {
        storage = ClusterStorage.start(plane, namespace + ".csi.varve.io", folder, "--capable");
    }

    @Test
    void everyRenderedRightIsUsedAndEveryUsedOneIsRendered(@TempDir Path folder)
            throws IOException {
        try (InstalledVarve varve = InstalledVarve.install(plane, storage, folder, classes())) {
            makeCopied(varve.tenant());
            Path volume = storage.volume(boundVolume(claim(varve, "data", "Block")));
            boundVolume(claim(varve, "files", "Filesystem"));
            write(volume, 0, "x".repeat(MIB));
            fullWithAKilledMoverAndOneThatLosesItsJob(varve);
            write(volume, MIB, "y".repeat(MIB));
            incrementalOnANodeThatIsCutOff(varve);
            assertThat(storage.control(Part.DRIVER).snapshots()).as("a base of each").hasSize(2);
            assertThat(varve.run("sweep", List.of("sweep", "--json"))).contains("\"left\":[]");
            withStorageThatDoesNotAnswer(varve);
            assertThat(varve.leftovers()).isEmpty();

            AccessAudit audit = AccessAudit.of(plane, varve.namespace(), ACCOUNT);
            assertThat(audit.ungranted()).as("asked for, and not granted").isEmpty();
            assertThat(audit.unused()).as("granted, and not used").isEmpty();
            assertThat(AccessAudit.of(plane, varve.namespace(), "mover").isEmpty()).isTrue();
        }
    }

    @Test
    void withoutARightALauncherEndsBeforeItCutsAVolumeSnapshot(@TempDir Path folder)
            throws IOException {
        try (InstalledVarve varve = InstalledVarve.install(plane, storage, folder, "")) {
            boundVolume(claim(varve, "data", "Block"));
            admin.rbac()
                    .roles()
                    .inNamespace(varve.namespace())
                    .withName("launcher")
                    .edit(
                            role -> {
                                role.getRules()
                                        .removeIf(rule -> rule.getResources().contains("jobs"));
                                return role;
                            });
            Job job = varve.start();
            assertThatThrownBy(() -> varve.jobs().await(job))
                    .hasMessageContaining("exit code 2 matching FailJob")
                    .hasMessageContaining("resources: [jobs]");
            assertThat(lastWords(varve, job))
                    .contains("\"status\":\"FAILED\",\"exitCode\":2")
                    .contains("its Role in namespace %s lacks".formatted(varve.namespace()));
            assertThat(
                            admin.genericKubernetesResources(SNAPSHOTS, "VolumeSnapshot")
                                    .inNamespace(varve.tenant())
                                    .list()
                                    .getItems())
                    .isEmpty();
            assertThat(storage.control(Part.DRIVER).snapshots()).isEmpty();
        }
    }

    /** What the status of a Job's last pod says. */
    private static String lastWords(InstalledVarve varve, Job job) {
        return varve.jobs()
                .last(job)
                .getStatus()
                .getContainerStatuses()
                .getFirst()
                .getState()
                .getTerminated()
                .getMessage();
    }

    /** A class that retains volumes, and a driver that wants a Secret and a ConfigMap. */
    private String classes() {
        make(
                """
                {apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: "%s-retain"}, provisioner: "%s", reclaimPolicy: Retain}
                """
                        .formatted(storage.driver(), storage.driver()));
        return """
        storageClasses:
          %s: {class: %s-retain, copySecrets: [kms-token], copyConfigMaps: [kms-config]}
        """
                .formatted(storage.driver(), storage.driver());
    }

    private HasMetadata claim(InstalledVarve varve, String name, String mode) {
        return make(
                """
                {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {namespace: "%s", name: "%s"}, spec: {
                  storageClassName: "%s", volumeMode: %s, accessModes: [ReadWriteOnce], resources: {requests: {storage: 8Mi}}}}
                """
                        .formatted(varve.tenant(), name, storage.driver(), mode));
    }

    /** The pod of the second one is nobody's then, and has to be removed by itself. */
    private void fullWithAKilledMoverAndOneThatLosesItsJob(InstalledVarve varve)
            throws IOException {
        Job job = varve.start();
        Pod killed = Waiting.until("a mover", varve::runningMover);
        varve.node().kill(killed);
        Pod orphan =
                Waiting.until(
                        "another mover",
                        () -> varve.runningMover().filter(pod -> !isSame(pod, killed)));
        admin.resource(jobOf(orphan)).withPropagationPolicy(DeletionPropagation.ORPHAN).delete();
        assertThat(varve.jobs().await(job)).contains("FIRST_BACKUP");
        assertThat(varve.jobs().of(job)).hasSizeGreaterThan(1);
        assertThat(lastWords(varve, job)).contains("\"status\":\"COMPLETED\",\"exitCode\":0");
    }

    private static boolean isSame(Pod one, Pod other) {
        return one.getMetadata().getUid().equals(other.getMetadata().getUid());
    }

    /** Whether its node is lost is asked when a mover does not go. */
    private void incrementalOnANodeThatIsCutOff(InstalledVarve varve) throws IOException {
        Job job = varve.start();
        Pod mover = Waiting.until("a mover", varve::runningMover);
        RunObjects run = Ownership.owner(jobOf(mover)).orElseThrow();
        varve.node().behave("{\"frozen\": true}");
        try (Cluster cluster = connect(varve, mover, Duration.ofSeconds(2))) {
            assertThatThrownBy(() -> cluster.movers().stop(run, NEVER))
                    .isInstanceOf(WaitTimeoutException.class);
        }
        varve.node().behave("{}");
        assertThat(varve.jobs().await(job)).contains("incremental on");
    }

    /** Why something takes long is looked for in Events: of the claim's namespace, of no one's. */
    private void withStorageThatDoesNotAnswer(InstalledVarve varve) throws IOException {
        RunObjects run = BackupCluster.newRun();
        try (Cluster cluster = connect(varve, Duration.ofSeconds(2));
                Cluster patient = connect(varve, Duration.ofMinutes(2))) {
            SourceClaim claim =
                    ((ClaimState.Ready) cluster.claims().find(varve.tenant(), "data")).claim();
            storage.control(Part.DRIVER).behave("{\"snapshotReadyAfter\": \"never\"}");
            assertThatThrownBy(() -> cluster.snapshots().take(claim, run, ready(2), NEVER))
                    .isInstanceOf(WaitTimeoutException.class);
            storage.control(Part.DRIVER)
                    .behave(
                            "{\"faults\": {\"DeleteVolume\": {\"code\": \"INTERNAL\", \"message\": \"busy\"}}}");
            TakenSnapshot taken = patient.snapshots().take(claim, run, ready(120), NEVER);
            patient.exposer().expose(claim, taken, run, ExposeSettings.DEFAULT, NEVER);
            Waiting.until("the temporary claim", () -> bound(varve, run));
            assertThatThrownBy(() -> cluster.exposer().remove(run, NEVER))
                    .isInstanceOf(WaitTimeoutException.class);
            storage.control(Part.DRIVER).behave("{}");
            patient.exposer().remove(run, NEVER);
            patient.snapshots().delete(run, NEVER);
        }
    }

    private Optional<PersistentVolumeClaim> bound(InstalledVarve varve, RunObjects run) {
        return Optional.ofNullable(
                        admin.persistentVolumeClaims()
                                .inNamespace(varve.namespace())
                                .withName(run.name())
                                .get())
                .filter(now -> "Bound".equals(now.getStatus().getPhase()));
    }

    private Cluster connect(InstalledVarve varve, Duration limit) throws IOException {
        return connect(varve, "any", limit);
    }

    /** As who made this pod. */
    private Cluster connect(InstalledVarve varve, Pod mover, Duration limit) throws IOException {
        return connect(
                varve, Ownership.annotation(mover, Ownership.INSTALLATION).orElseThrow(), limit);
    }

    private Cluster connect(InstalledVarve varve, String installation, Duration limit)
            throws IOException {
        return plane.connect(varve.namespace(), ACCOUNT, installation, limit);
    }
}
