package io.varve.kube.restore;

import static io.varve.kube.BackupCluster.NEVER;
import static io.varve.kube.restore.RestoreTests.BYTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.cluster.ControlPlane;
import io.varve.cluster.NeedsControlPlane;
import io.varve.cluster.Waiting;
import io.varve.kube.BackupCluster;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.ClusterException;
import io.varve.kube.api.ClusterUsageException;
import io.varve.kube.api.Kind;
import io.varve.kube.api.RunObjects;
import io.varve.kube.api.WaitTimeoutException;
import io.varve.kube.claim.VolumeMode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What keeps a new claim from being made, and that nothing is left of the attempt. */
@NeedsControlPlane
class RestoreRefusalsTest {

    private final ControlPlane plane;
    private final RunObjects run = BackupCluster.newRun();
    private BackupCluster cluster;
    private RestoreTests tests;

    RestoreRefusalsTest(ControlPlane plane) {
        this.plane = plane;
    }

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        cluster = BackupCluster.start(plane, folder).allowRestore();
        tests = new RestoreTests(cluster);
    }

    @AfterEach
    void stop() throws IOException {
        cluster.close();
    }

    private WantedClaim wanted(String namespace, String storageClass, boolean createNamespace) {
        return new WantedClaim(
                namespace,
                "data",
                VolumeMode.FILESYSTEM,
                "",
                storageClass,
                List.of("ReadWriteOnce"),
                Map.of(),
                BYTES,
                createNamespace);
    }

    private void assertRefused(WantedClaim wanted, String why) throws IOException {
        assertThatThrownBy(() -> tests.provision(run, wanted))
                .isInstanceOf(ClusterUsageException.class)
                .hasMessageContaining(why);
        assertThat(cluster.volumes()).isEmpty();
        tests.assertNothingIn(cluster.namespace());
    }

    @Test
    void aClassThatIsNotThereOrProvisionsNothingIsRefused() throws IOException {
        String idle = cluster.driver() + "-idle";
        cluster.make(
                "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: %s}, provisioner: kubernetes.io/no-provisioner}"
                        .formatted(idle));
        assertRefused(wanted(cluster.tenant(), "gone", false), "there is no storage class gone");
        assertRefused(wanted(cluster.tenant(), "", false), "names no storage class");
        assertRefused(wanted(cluster.tenant(), idle, false), idle + " provisions nothing");
    }

    @Test
    void aNamespaceIsMadeOnRequestAlone() throws IOException {
        cluster.allowRestoreAnywhere();
        String namespace = cluster.tenant() + "-new";
        assertRefused(
                wanted(namespace, cluster.driver(), false), "there is no namespace " + namespace);

        WantedClaim wanted = wanted(namespace, cluster.driver(), true);
        tests.provision(run, wanted);
        assertThat(cluster.admin().namespaces().withName(namespace).get()).isNull();
        RestoredClaim restored = tests.restores().bind(run, wanted, NEVER);
        assertThat(tests.handle(namespace, "data")).isEqualTo(restored.volumeHandle());
        assertThat(tests.volume(namespace, "data").getSpec().getCsi().getFsType())
                .isEqualTo("ext4");
    }

    @Test
    void aNodeThatIsNotThereIsRefused() throws IOException {
        WantedClaim wanted = wanted(cluster.tenant(), cluster.storage().waitingClass(), false);
        ProvisionSettings nowhere = new ProvisionSettings(Optional.of("nowhere"), false, Map.of());
        assertThatThrownBy(() -> tests.restores().provision(run, wanted, BYTES, nowhere, NEVER))
                .isInstanceOf(ClusterUsageException.class)
                .hasMessageContaining("there is no node nowhere");
        tests.assertNothingIn(cluster.namespace());
    }

    @Test
    void aClaimThatIsSmallerThanTheBackupIsRefused() throws IOException {
        WantedClaim wanted = wanted(cluster.tenant(), cluster.driver(), false);
        assertThatThrownBy(
                        () ->
                                tests.restores()
                                        .provision(
                                                run,
                                                wanted,
                                                BYTES + 1,
                                                ProvisionSettings.DEFAULT,
                                                NEVER))
                .isInstanceOf(ClusterUsageException.class)
                .hasMessageContaining("4194304 bytes are too few for a backup of 4194305 bytes");
        assertThat(cluster.volumes()).isEmpty();
    }

    @Test
    void aClaimThatIsThereIsNeverOverwritten() throws IOException {
        WantedClaim wanted = wanted(cluster.tenant(), cluster.driver(), false);
        tests.provision(run, wanted);
        String handle = cluster.claim("data").volumeHandle();
        assertThatThrownBy(() -> tests.restores().bind(run, wanted, NEVER))
                .isInstanceOf(ClusterUsageException.class)
                .hasMessageContaining("%s/data: is there already".formatted(cluster.tenant()));
        assertThatThrownBy(() -> tests.provision(run, wanted))
                .isInstanceOf(ClusterUsageException.class);
        tests.restores().remove(run, NEVER);
        assertThat(cluster.volumes()).containsExactly(handle);
        assertThatThrownBy(
                        () ->
                                tests.restores()
                                        .bind(
                                                run,
                                                tests.wanted(
                                                        "other",
                                                        VolumeMode.BLOCK,
                                                        cluster.driver()),
                                                NEVER))
                .isInstanceOf(ClusterException.class)
                .hasMessageContaining(run.name() + ": is not there, so no mover can have written");
    }

    @Test
    void whatTheProvisionerSaysIsInTheMessage() throws IOException {
        cluster.behave(
                """
                {"faults": {"CreateVolume": {"code": "RESOURCE_EXHAUSTED", "message": "the pool is full"}}}
                """);
        WantedClaim wanted = wanted(cluster.tenant(), cluster.driver(), false);
        try (ClusterApi impatient = cluster.impatient()) {
            assertThatThrownBy(
                            () ->
                                    new Restores(impatient)
                                            .provision(
                                                    run,
                                                    wanted,
                                                    BYTES,
                                                    ProvisionSettings.DEFAULT,
                                                    NEVER))
                    .isInstanceOf(WaitTimeoutException.class)
                    .hasMessageContaining("%s/%s".formatted(cluster.namespace(), run.name()))
                    .hasMessageContaining("not bound within 2s: phase Pending")
                    .hasMessageContaining("the pool is full");
        }
        tests.restores().remove(run, NEVER);
        cluster.behave("{}");
        tests.assertNothingIn(cluster.namespace());
        assertThat(cluster.volumes()).isEmpty();
    }

    @Test
    void aClaimThatIsRefusedOrNotBoundIsReportedAndTheRunGoesOnOrGoes() throws IOException {
        WantedClaim wanted = wanted(cluster.tenant(), cluster.driver(), false);
        quota("0");
        tests.provision(run, wanted);
        assertThatThrownBy(() -> tests.restores().bind(run, wanted, NEVER))
                .isInstanceOf(ClusterException.class)
                .hasMessageContaining("exceeded quota: few");
        cluster.admin().resourceQuotas().inNamespace(cluster.tenant()).withName("few").delete();
        cluster.admin()
                .persistentVolumes()
                .withName(run.volume())
                .edit(
                        volume -> {
                            volume.getSpec().getClaimRef().setUid("of-nobody");
                            return volume;
                        });
        try (ClusterApi impatient = cluster.impatient()) {
            assertThatThrownBy(() -> new Restores(impatient).bind(run, wanted, NEVER))
                    .isInstanceOf(WaitTimeoutException.class)
                    .hasMessageContaining(
                            "%s/data: not bound within 2s".formatted(wanted.namespace()))
                    .hasMessageContaining("phase Pending")
                    .hasMessageContaining(
                            "PersistentVolume %s is in phase Released".formatted(run.volume()));
        }
        assertThatThrownBy(() -> tests.provision(run, wanted))
                .isInstanceOf(ClusterException.class)
                .hasMessageContaining("nothing left to provision");
        tests.restores().remove(run, NEVER);
        assertThat(cluster.api().get(Kind.CLAIM, cluster.tenant(), "data")).isEmpty();
        assertThat(cluster.volumes()).isEmpty();
        assertThat(tests.volumes()).isEmpty();
        tests.assertNothingIn(cluster.namespace());
    }

    /** Somebody's pod in Varve's namespace; then a storage that does not delete. */
    @Test
    void whatKeepsTheTemporaryVolumeIsNamedAndTheRunGoesOnOrGoesOnceItIsGone() throws IOException {
        WantedClaim wanted = wanted(cluster.tenant(), cluster.driver(), false);
        tests.provision(run, wanted);
        cluster.make(
                """
                {apiVersion: v1, kind: Pod, metadata: {namespace: %s, name: user}, spec: {nodeName: nowhere, containers:
                  [{name: main, image: none, volumeDevices: [{name: data, devicePath: /dev/data}]}],
                  volumes: [{name: data, persistentVolumeClaim: {claimName: %s}}]}}
                """
                        .formatted(cluster.namespace(), run.name()));
        try (ClusterApi impatient = cluster.impatient()) {
            assertThatThrownBy(() -> new Restores(impatient).bind(run, wanted, NEVER))
                    .isInstanceOf(WaitTimeoutException.class)
                    .hasMessageContaining(
                            "PersistentVolumeClaim %s/%s: not gone within 2s: Pod %s/user (Pending) uses it"
                                    .formatted(
                                            cluster.namespace(), run.name(), cluster.namespace()));
            cluster.admin()
                    .pods()
                    .inNamespace(cluster.namespace())
                    .withName("user")
                    .withGracePeriod(0)
                    .delete();
            // Up to the claim, which the quota refuses.
            quota("0");
            assertThatThrownBy(() -> tests.restores().bind(run, wanted, NEVER))
                    .hasMessageContaining("exceeded quota: few");
            cluster.behave(
                    """
                    {"faults": {"DeleteVolume": {"code": "INTERNAL", "message": "the pool is busy"}}}
                    """);
            assertThatThrownBy(() -> new Restores(impatient).remove(run, NEVER))
                    .isInstanceOf(WaitTimeoutException.class)
                    .hasMessageContaining(
                            "PersistentVolume %s: not gone within 2s: PersistentVolume %s is in phase "
                                    .formatted(run.volume(), run.volume()))
                    .hasMessageContaining("the pool is busy");
        }
        assertThat(cluster.volumes()).hasSize(1);
        cluster.behave("{}");
        tests.restores().remove(run, NEVER);
        assertThat(cluster.volumes()).isEmpty();
        assertThat(tests.volumes()).isEmpty();
        tests.assertNothingIn(cluster.namespace());
    }

    private void quota(String claims) throws IOException {
        cluster.make(
                """
                {apiVersion: v1, kind: ResourceQuota, metadata: {namespace: %s, name: few}, spec: {hard: {persistentvolumeclaims: "%s"}}}
                """
                        .formatted(cluster.tenant(), claims));
        Waiting.until(
                "the quota to count",
                () ->
                        Optional.ofNullable(
                                        cluster.admin()
                                                .resourceQuotas()
                                                .inNamespace(cluster.tenant())
                                                .withName("few")
                                                .get())
                                .filter(
                                        quota ->
                                                quota.getStatus() != null
                                                        && !quota.getStatus().getHard().isEmpty()));
    }
}
