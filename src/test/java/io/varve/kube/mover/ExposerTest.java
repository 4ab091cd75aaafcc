package io.varve.kube.mover;

import static io.varve.kube.BackupCluster.NEVER;
import static io.varve.kube.BackupCluster.PATIENT;
import static io.varve.kube.BackupCluster.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.varve.cluster.ControlPlane;
import io.varve.cluster.NeedsControlPlane;
import io.varve.cluster.Waiting;
import io.varve.kube.BackupCluster;
import io.varve.kube.KilledAtCall;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.ClusterException;
import io.varve.kube.api.ClusterUsageException;
import io.varve.kube.api.Kind;
import io.varve.kube.api.RunObjects;
import io.varve.kube.api.WaitTimeoutException;
import io.varve.kube.claim.SourceClaim;
import io.varve.kube.snapshot.Snapshots;
import io.varve.kube.snapshot.TakenSnapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NeedsControlPlane
class ExposerTest {

    private final ControlPlane plane;
    private final RunObjects run = BackupCluster.newRun();
    private BackupCluster cluster;
    private SourceClaim claim;
    private TakenSnapshot taken;

    ExposerTest(ControlPlane plane) {
        this.plane = plane;
    }

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        cluster = BackupCluster.start(plane, folder);
        claim = cluster.claim("data");
        taken = new Snapshots(cluster.api()).take(claim, run, SETTINGS, NEVER);
    }

    @AfterEach
    void stop() throws IOException {
        cluster.close();
    }

    private ExposedClaim expose(ExposeSettings settings) throws IOException {
        return new Exposer(cluster.api()).expose(claim, taken, run, settings, NEVER);
    }

    private PersistentVolumeClaim bound() throws IOException {
        return Waiting.until(
                "the temporary claim",
                () ->
                        cluster.api()
                                .get(Kind.CLAIM, cluster.namespace(), run.name())
                                .filter(now -> "Bound".equals(now.getStatus().getPhase())));
    }

    @Test
    void anExposedSnapshotIsABlockClaimAndIsGoneWithItsVolumeWhenItIsRemoved() throws IOException {
        ExposedClaim exposed = expose(ExposeSettings.DEFAULT);
        assertThat(exposed.accessMode()).isEqualTo("ReadWriteOnce");
        assertThat(exposed.bytes()).isEqualTo(taken.restoreBytes());
        assertThat(bound().getSpec().getVolumeMode()).isEqualTo("Block");
        assertThat(expose(ExposeSettings.DEFAULT)).isEqualTo(exposed);
        assertThat(cluster.volumes()).hasSize(2);

        assertIsRemoved();
        new Exposer(cluster.api()).remove(run, NEVER);
    }

    @Test
    void aClassThatRetainsLeavesNoVolumeInTheStorage() throws IOException {
        String retain = cluster.storageClass("-retain", "Retain");
        expose(new ExposeSettings(Optional.of(retain), false, true, Map.of(), Copies.NONE));
        assertThat(bound().getSpec().getAccessModes()).containsExactly("ReadWriteOncePod");
        boolean killed = true;
        for (int changes = 0; killed; changes++) {
            KilledAtCall kill = new KilledAtCall(changes);
            try (ClusterApi mortal = cluster.api(PATIENT, kill)) {
                new Exposer(mortal).remove(run, NEVER);
            } catch (KilledAtCall.Killed expected) {
                // The next one goes on.
            }
            killed = kill.hasKilled();
        }
        assertThat(cluster.volumes()).containsExactly(claim.volumeHandle());
    }

    @Test
    void aQuotaThatIsUsedUpIsNamedInTheMessage() throws IOException {
        cluster.make(
                """
                {apiVersion: v1, kind: ResourceQuota, metadata: {namespace: %s, name: few}, spec: {hard: {persistentvolumeclaims: "0"}}}
                """
                        .formatted(cluster.namespace()));
        Waiting.until(
                "the quota to count",
                () ->
                        Optional.ofNullable(
                                        cluster.admin()
                                                .resourceQuotas()
                                                .inNamespace(cluster.namespace())
                                                .withName("few")
                                                .get())
                                .filter(
                                        quota ->
                                                quota.getStatus() != null
                                                        && !quota.getStatus().getHard().isEmpty()));
        assertThatThrownBy(() -> expose(ExposeSettings.DEFAULT))
                .isInstanceOf(ClusterException.class)
                .hasMessageContaining(run.name())
                .hasMessageContaining("exceeded quota: few");
    }

    @Test
    void aClaimThatAPodUsesStaysAndTheMessageNamesThePod() throws IOException {
        expose(ExposeSettings.DEFAULT);
        bound();
        cluster.make(
                """
                {apiVersion: v1, kind: Pod, metadata: {namespace: %s, name: user}, spec: {nodeName: nowhere, containers:
                  [{name: main, image: none, volumeDevices: [{name: data, devicePath: /dev/data}]}],
                  volumes: [{name: data, persistentVolumeClaim: {claimName: %s}}]}}
                """
                        .formatted(cluster.namespace(), run.name()));
        try (ClusterApi impatient = cluster.impatient()) {
            assertThatThrownBy(() -> new Exposer(impatient).remove(run, NEVER))
                    .isInstanceOf(WaitTimeoutException.class)
                    .hasMessageContaining("PersistentVolumeClaim")
                    .hasMessageContaining("not gone within 2s")
                    .hasMessageContaining("Pod %s/user uses it".formatted(cluster.namespace()))
                    .hasMessageContaining("kubernetes.io/pvc-protection");
            assertThatThrownBy(
                            () ->
                                    new Exposer(impatient)
                                            .expose(
                                                    claim,
                                                    taken,
                                                    run,
                                                    ExposeSettings.DEFAULT,
                                                    NEVER))
                    .isInstanceOf(WaitTimeoutException.class)
                    .hasMessage(
                            "PersistentVolumeClaim %s/%s: an older one is not gone within 2s: its finalizers are [kubernetes.io/pvc-protection]",
                            cluster.namespace(), run.name());
        }
        cluster.admin()
                .pods()
                .inNamespace(cluster.namespace())
                .withName("user")
                .withGracePeriod(0)
                .delete();
        assertIsRemoved();
    }

    /** In the cluster, and in the storage. */
    private void assertIsRemoved() throws IOException {
        new Exposer(cluster.api()).remove(run, NEVER);
        assertThat(cluster.api().get(Kind.CLAIM, cluster.namespace(), run.name())).isEmpty();
        assertThat(cluster.volumes()).containsExactly(claim.volumeHandle());
    }

    @Test
    void aVolumeThatTheDriverDoesNotDeleteIsReportedInItsWordsAndDeletedNextTime()
            throws IOException {
        expose(ExposeSettings.DEFAULT);
        String volume = bound().getSpec().getVolumeName();
        cluster.behave(
                """
                {"faults": {"DeleteVolume": {"code": "INTERNAL", "message": "the pool is busy"}}}
                """);
        try (ClusterApi impatient = cluster.impatient()) {
            assertThatThrownBy(() -> new Exposer(impatient).remove(run, NEVER))
                    .isInstanceOf(WaitTimeoutException.class)
                    .hasMessageContaining(
                            "PersistentVolume %s: not gone within 2s".formatted(volume))
                    .hasMessageContaining("the pool is busy");
        }
        assertThat(cluster.volumes()).hasSize(2);
        cluster.behave("{}");
        assertIsRemoved();
    }

    @Test
    void copiesBearNamesOfTheRunAndGoWithTheClaim() throws IOException {
        cluster.admin()
                .resource(
                        new SecretBuilder()
                                .withNewMetadata()
                                .withNamespace(cluster.tenant())
                                .withName("kms-token")
                                .endMetadata()
                                .addToData("token", "c2VjcmV0")
                                .build())
                .create();
        expose(
                new ExposeSettings(
                        Optional.empty(),
                        false,
                        false,
                        Map.of(),
                        new Copies(List.of("kms-token"), List.of())));
        assertThat(cluster.api().get(Kind.SECRET, cluster.namespace(), run.copy("kms-token")))
                .hasValueSatisfying(
                        copy -> assertThat(copy.getData()).containsEntry("token", "c2VjcmV0"));
        new Exposer(cluster.api()).remove(run, NEVER);
        assertThat(cluster.api().get(Kind.SECRET, cluster.namespace(), run.copy("kms-token")))
                .isEmpty();
    }

    @Test
    void aClassThatCannotProvisionFromTheSnapshotIsRefusedAtOnce() throws IOException {
        cluster.make(
                """
                {apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: %s-local}, provisioner: kubernetes.io/no-provisioner}
                """
                        .formatted(cluster.driver()));
        for (Map.Entry<String, String> wrong :
                Map.of(
                                "",
                                "has no StorageClass",
                                "none-such",
                                "StorageClass none-such: not there",
                                cluster.driver() + "-local",
                                "is of provisioner kubernetes.io/no-provisioner")
                        .entrySet()) {
            assertThatThrownBy(
                            () ->
                                    expose(
                                            new ExposeSettings(
                                                    Optional.of(wrong.getKey()),
                                                    false,
                                                    false,
                                                    Map.of(),
                                                    Copies.NONE)))
                    .isInstanceOf(ClusterUsageException.class)
                    .hasMessageContaining(claim.path())
                    .hasMessageContaining(wrong.getValue())
                    .hasMessageContaining(cluster.driver());
        }
        assertThat(cluster.api().get(Kind.CLAIM, cluster.namespace(), run.name())).isEmpty();
    }
}
