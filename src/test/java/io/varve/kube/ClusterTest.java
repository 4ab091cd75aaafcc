package io.varve.kube;

import static io.varve.kube.BackupCluster.NEVER;
import static io.varve.kube.BackupCluster.PATIENT;
import static io.varve.kube.BackupCluster.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.varve.cbt.csi.MetadataAccess;
import io.varve.cbt.csi.MetadataClient;
import io.varve.cbt.csi.MetadataQuery;
import io.varve.cbt.csi.ReportedBlocks;
import io.varve.cbt.csi.TrackingException;
import io.varve.cluster.ControlPlane;
import io.varve.cluster.NeedsControlPlane;
import io.varve.kube.api.ClusterUsageException;
import io.varve.kube.api.Identity;
import io.varve.kube.api.Kind;
import io.varve.kube.api.RunObjects;
import io.varve.kube.claim.ClaimSelection;
import io.varve.kube.claim.ClaimState;
import io.varve.kube.claim.EventType;
import io.varve.kube.claim.SourceClaim;
import io.varve.kube.claim.VolumeMode;
import io.varve.kube.mover.Copies;
import io.varve.kube.mover.ExposeSettings;
import io.varve.kube.snapshot.ClusterMetadata;
import io.varve.kube.snapshot.SnapshotSettings;
import io.varve.kube.snapshot.Snapshots;
import io.varve.kube.snapshot.TakenSnapshot;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NeedsControlPlane
class ClusterTest {

    private static ControlPlane plane;
    private static BackupCluster cluster;
    private static Cluster connected;
    private static SourceClaim claim;

    @BeforeAll
    static void start(ControlPlane shared, @TempDir Path folder) throws IOException {
        plane = shared;
        cluster = BackupCluster.start(plane, folder);
        claim = cluster.claim("data");
        connected = cluster.connect();
    }

    @AfterAll
    static void stop() throws IOException {
        connected.close();
        cluster.close();
    }

    @Test
    void aClaimIsReadWithItsVolume() {
        assertThat(claim.path()).isEqualTo(cluster.tenant() + "/data");
        assertThat(claim.driver()).isEqualTo(cluster.driver());
        assertThat(claim.volumeMode()).isEqualTo(VolumeMode.BLOCK);
        assertThat(claim.fsType()).isEmpty();
        assertThat(claim.capacityBytes()).isEqualTo(4 << 20);
        assertThat(claim.labels()).containsEntry("app", "shop");
        assertThat(claim.cloned()).isFalse();
    }

    @Test
    void claimsAreSelectedByNamespaceNameClassAndLabels() throws IOException {
        cluster.make(
                """
                {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {namespace: %s, name: other, labels: {app: blog}},
                 spec: {storageClassName: none, accessModes: [ReadWriteOnce], resources: {requests: {storage: 4Mi}}}}
                """
                        .formatted(cluster.tenant()));
        assertThat(connected.claims().select(List.of(selection("*", "app=shop"))))
                .containsExactly(new ClaimState.Ready(claim));
        assertThat(connected.claims().select(List.of(selection("oth?r", ""))))
                .containsExactly(
                        new ClaimState.Unsupported(
                                cluster.tenant(), "other", "is not bound: phase Pending"));
        assertThat(connected.claims().select(List.of(selection("d*", ""), selection("*", ""))))
                .hasSize(2);
        assertThatThrownBy(() -> connected.claims().find(cluster.tenant(), "none"))
                .isInstanceOf(ClusterUsageException.class)
                .hasMessageContaining("there is no claim none in namespace " + cluster.tenant());
    }

    private static ClaimSelection selection(String name, String labels) {
        return new ClaimSelection(List.of(cluster.tenant()), List.of(name), List.of(), labels);
    }

    @Test
    void anEventTellsTheClaimsOwners() throws IOException {
        connected
                .events()
                .report(claim.reference(), EventType.WARNING, "BackupFailed", "x".repeat(2000));
        assertThat(cluster.admin().v1().events().inNamespace(cluster.tenant()).list().getItems())
                .filteredOn(event -> "BackupFailed".equals(event.getReason()))
                .singleElement()
                .satisfies(
                        event -> {
                            assertThat(event.getInvolvedObject().getUid()).isEqualTo(claim.uid());
                            assertThat(event.getType()).isEqualTo("Warning");
                            assertThat(event.getMessage()).hasSize(1024);
                        });
    }

    @Test
    void theRulesOfABackupPassItsOwnCheck() throws IOException {
        connected
                .preflight()
                .check(
                        new PreflightScope(
                                List.of(cluster.tenant()),
                                List.of("none.example"),
                                List.of(RenderedAccess.COPIED),
                                List.of()));
    }

    @Test
    void everyMissingRuleIsNamedBeforeAnythingIsMade() throws IOException {
        Identity poor = new Identity(plane.newNamespace("poor"), "installation-2", "launcher");
        List<AccessRule> rules =
                BackupAccess.RULES.stream()
                        .filter(rule -> !rule.resource().startsWith("volumesnapshotc"))
                        .toList();
        RenderedAccess.grant(cluster.admin(), poor, List.of(cluster.tenant()), rules);
        try (Cluster limited =
                Cluster.connect(
                        new ClusterSettings(
                                Optional.of(
                                        plane.kubeconfigFor(
                                                poor.namespace(), poor.serviceAccount())),
                                poor.namespace(),
                                poor.installation(),
                                poor.serviceAccount(),
                                PATIENT))) {
            PreflightScope scope =
                    new PreflightScope(
                            List.of(cluster.tenant()),
                            List.of(),
                            List.of("kms-token"),
                            List.of("kms-config"));
            assertThatThrownBy(() -> limited.preflight().check(scope))
                    .isInstanceOf(ClusterUsageException.class)
                    .hasMessageContaining(
                            "{apiGroups: [\"snapshot.storage.k8s.io\"], resources: [volumesnapshotcontents], verbs: [get, list, create, patch, delete]}")
                    .hasMessageContaining("[volumesnapshotclasses], verbs: [list]")
                    .hasMessageContaining("[secrets], verbs: [get]} for kms-token")
                    .hasMessageContaining("[configmaps], verbs: [get]} for kms-config")
                    .hasMessageNotContaining("[volumesnapshots]");
            assertThatThrownBy(
                            () ->
                                    limited.snapshots()
                                            .take(claim, BackupCluster.newRun(), SETTINGS, NEVER))
                    .isInstanceOf(ClusterUsageException.class)
                    .hasMessageContaining("volumesnapshotc");
        }
    }

    @Test
    void theDriverIsAskedForChangedBlocksByAVolumeSnapshotInVarvesNamespace() throws IOException {
        RunObjects first = BackupCluster.newRun();
        RunObjects second = BackupCluster.newRun();
        TakenSnapshot base = connected.snapshots().take(claim, first, SETTINGS, NEVER);
        try (RandomAccessFile volume =
                new RandomAccessFile(
                        cluster.storage().volume(claim.volumeHandle()).toFile(), "rw")) {
            volume.seek(1 << 20);
            volume.write(1);
        }
        TakenSnapshot target = connected.snapshots().take(claim, second, SETTINGS, NEVER);
        connected
                .preflight()
                .check(
                        new PreflightScope(
                                List.of(cluster.tenant()),
                                List.of(cluster.driver()),
                                List.of(),
                                List.of()));

        MetadataAccess access = connected.metadata(target);
        ReportedBlocks changed =
                new MetadataClient(access, new Random(1))
                        .read(
                                new MetadataQuery.Changed(
                                        target.namespace(),
                                        target.name(),
                                        base.changeId().orElseThrow()),
                                NEVER);
        assertThat(changed.ranges()).isEqualTo(1);
        assertThat(changed.capacityBytes()).hasValue(4 << 20);

        connected.snapshots().delete(first, NEVER);
        connected.snapshots().delete(second, NEVER);
        assertThatThrownBy(access::service)
                .isInstanceOf(TrackingException.class)
                .hasMessageContaining("gone, or not ready");
    }

    @Test
    void aDriverWithoutAMetadataServiceHasNoChangedBlocks(@TempDir Path folder) throws IOException {
        try (BackupCluster other = BackupCluster.start(plane, folder)) {
            SourceClaim source = other.claim("data");
            RunObjects run = BackupCluster.newRun();
            TakenSnapshot taken = new Snapshots(other.api()).take(source, run, SETTINGS, NEVER);
            metadataService(other).delete();
            assertThatThrownBy(() -> new ClusterMetadata(other.api(), taken).service())
                    .isInstanceOfSatisfying(
                            TrackingException.class,
                            e ->
                                    assertThat(e.kind())
                                            .isEqualTo(TrackingException.Kind.UNSUPPORTED));
        }
    }

    @Test
    void aMetadataServiceThatCannotBeReachedIsNamedBeforeAnythingIsMade(@TempDir Path folder)
            throws IOException {
        try (BackupCluster other = BackupCluster.start(plane, folder)) {
            metadataService(other)
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            "{\"spec\": {\"address\": \"127.0.0.1:1\"}}");
            PreflightScope scope =
                    new PreflightScope(
                            List.of(other.tenant()), List.of(other.driver()), List.of(), List.of());
            assertThatThrownBy(() -> new Preflight(other.api()).check(scope))
                    .isInstanceOf(ClusterUsageException.class)
                    .hasMessageContaining(other.driver() + " at 127.0.0.1:1: no TLS connection");
        }
    }

    @Test
    void whatKeepsAClaimFromBeingBackedUpShowsBeforeAnythingIsMade() throws IOException {
        Preflight preflight = connected.preflight();
        assertThat(preflight.obstacle(claim, SETTINGS, ExposeSettings.DEFAULT)).isEmpty();
        SnapshotSettings unknownClass =
                new SnapshotSettings(Optional.of("none"), SETTINGS.ready(), Map.of());
        assertThat(preflight.obstacle(claim, unknownClass, ExposeSettings.DEFAULT))
                .hasValueSatisfying(
                        reason ->
                                assertThat(reason)
                                        .contains("there is no VolumeSnapshotClass none"));
        assertThat(preflight.obstacle(claim, SETTINGS, expose("none", List.of())))
                .hasValueSatisfying(
                        reason -> assertThat(reason).contains("StorageClass none: not there"));
        assertThat(
                        preflight.obstacle(
                                claim,
                                SETTINGS,
                                expose(cluster.driver(), List.of(RenderedAccess.COPIED))))
                .hasValueSatisfying(
                        reason ->
                                assertThat(reason)
                                        .contains(RenderedAccess.COPIED)
                                        .contains("is not there"));
        assertThat(cluster.api().list(Kind.SNAPSHOT, cluster.tenant(), "")).isEmpty();
    }

    private static ExposeSettings expose(String storageClass, List<String> copiedSecrets) {
        return new ExposeSettings(
                Optional.of(storageClass),
                false,
                false,
                Map.of(),
                new Copies(copiedSecrets, List.of()));
    }

    private static Resource<GenericKubernetesResource> metadataService(BackupCluster of) {
        return of.admin()
                .genericKubernetesResources("cbt.storage.k8s.io/v1beta1", "SnapshotMetadataService")
                .withName(of.driver());
    }
}
