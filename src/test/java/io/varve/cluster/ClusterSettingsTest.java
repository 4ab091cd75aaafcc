package io.varve.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.varve.cluster.ClusterStorage.Part;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a definition may say that no installation of the other tests says: an ordinary user, a cache
 * and temporary claims of their own kind, a driver that is not like ours.
 */
@Order(1)
class ClusterSettingsTest extends ClusterStorageHarness {

    private static final String USER = "4321";
    private static final String DISK = "6";
    private static final String CHANGE_ID = "storage.example/change-id";
    private static final int MIB = 1 << 20;
    private static final long SEED = 20261203;

    private final Random random = new Random(SEED);

    ClusterSettingsTest(ControlPlane plane) throws IOException {
        super(plane);
    }

    private InstalledDefinition definition(String more) {
        return new InstalledDefinition(
                """
                runAs: group
                user: %s
                group: %s
                cache: {size: 64Mi, storageClass: %s}
                """
                        .formatted(USER, DISK, storage.driver()),
                """
                storageClasses: {%s: {readOnly: true, annotations: {storage.example/tier: copies}}}
                drivers: {%s: {needsBase: false, changeIdAnnotation: %s}}
                """
                                .formatted(storage.driver(), storage.driver(), CHANGE_ID)
                        + more);
    }

    @Test
    void aDefinitionsMoversClaimsAndDriversAreAsItSays(@TempDir Path folder) throws IOException {
        try (InstalledVarve varve =
                InstalledVarve.install(
                        plane,
                        storage,
                        folder,
                        InstalledRepository.inClaim(storage),
                        definition(""))) {
            Path volume = tenantClaim(varve, "data", "32Mi");
            fill(volume, 2, random);
            String first = pointInTime(varve, "first");
            Job full = varve.start();
            tellChangeId(varve, first);
            Pod mover = Waiting.until("a mover", varve::runningMover);
            varve.node().hang(mover);
            itsMoverIsAnOrdinaryUserWithTheGroupOfDevices(varve.node().process(mover), mover);
            itsTemporaryClaimIsOnlyReadAndHasTheAnnotations(mover);
            HasMetadata cache = itsCacheIsAVolumeOfItsOwn(varve.node().process(mover), mover);
            varve.node().wake(mover);
            assertThat(varve.jobs().await(full)).contains("FIRST_BACKUP");
            Waiting.until(
                    "the cache to go with its mover",
                    () ->
                            Optional.ofNullable(admin.resource(cache).get()).isEmpty()
                                    ? Optional.of("gone")
                                    : Optional.empty());

            changesAreCountedFromTheIdOfTheAnnotationWithoutABase(varve, volume, first);
            aStorageThatDeniesEndsTheRunOrIsDoneWithout(varve, volume);
            assertThat(varve.leftovers()).isEmpty();
        }
    }

    private static void itsMoverIsAnOrdinaryUserWithTheGroupOfDevices(
            ContainerProcess process, Pod mover) throws IOException {
        PodSecurityContext context = mover.getSpec().getSecurityContext();
        assertThat(context.getRunAsNonRoot()).isTrue();
        assertThat(process.status("Uid")).containsOnly(USER);
        assertThat(process.status("Gid")).containsOnly(USER);
        assertThat(process.status("Groups")).containsExactlyInAnyOrder(DISK, USER);
        assertThat(process.status("CapEff")).containsExactly("0000000000000000");
        assertThat(process.sayAsIt("stat -c '%a %u:%g' /dev/varve/volume")).isEqualTo("660 0:6\n");
    }

    private void itsTemporaryClaimIsOnlyReadAndHasTheAnnotations(Pod mover) {
        PersistentVolumeClaim temporary =
                claimOf(
                        mover,
                        mover.getSpec().getVolumes().stream()
                                .filter(volume -> volume.getName().equals("device"))
                                .map(volume -> volume.getPersistentVolumeClaim().getClaimName())
                                .findFirst()
                                .orElseThrow());
        assertThat(temporary.getSpec().getAccessModes()).containsExactly("ReadOnlyMany");
        assertThat(temporary.getMetadata().getAnnotations())
                .containsEntry("storage.example/tier", "copies");
    }

    /** Made for its pod, with a filesystem, which its user may write to. */
    private HasMetadata itsCacheIsAVolumeOfItsOwn(ContainerProcess process, Pod mover)
            throws IOException {
        PersistentVolumeClaim cache = claimOf(mover, mover.getMetadata().getName() + "-cache");
        assertThat(cache.getMetadata().getOwnerReferences())
                .singleElement()
                .satisfies(
                        owner ->
                                assertThat(owner.getUid()).isEqualTo(mover.getMetadata().getUid()));
        String device =
                Objects.requireNonNull(
                        storage.attached().get(storage.volume(boundVolume(cache)).toRealPath()));
        assertThat(
                        process.sayAsIt(
                                "mountpoint -d /cache && echo copy > /cache/copy && cat /cache/copy"))
                .isEqualTo(device + "\ncopy\n");
        assertThat(process.environment()).contains("VARVE_HOME=/cache");
        return cache;
    }

    private PersistentVolumeClaim claimOf(Pod mover, String name) {
        return admin.persistentVolumeClaims()
                .inNamespace(mover.getMetadata().getNamespace())
                .withName(name)
                .require();
    }

    private void changesAreCountedFromTheIdOfTheAnnotationWithoutABase(
            InstalledVarve varve, Path volume, String first) throws IOException {
        assertThat(snapshots()).containsExactly(first);
        write(volume, 20 * MIB, "changed");
        String second = pointInTime(varve, "second");
        Job incremental = varve.start();
        tellChangeId(varve, second);
        assertThat(varve.jobs().await(incremental))
                .contains("incremental on")
                .contains(" 1.0 MiB read");
        assertThat(
                        varve.database()
                                .queryForList(
                                        "SELECT change_id FROM v_backups ORDER BY start_time",
                                        String.class))
                .containsExactly(first, second);
        assertThat(snapshots()).containsExactlyInAnyOrder(first, second);
    }

    /** The run that ended so goes on with its VolumeSnapshot, once its definition allows that. */
    private void aStorageThatDeniesEndsTheRunOrIsDoneWithout(InstalledVarve varve, Path volume)
            throws IOException {
        storage.control(Part.SIDECAR)
                .behave(
                        """
                        {"faults": {"GetMetadataDelta": {"code": "PERMISSION_DENIED", "message": "not you"}}}
                        """);
        write(volume, 21 * MIB, "changed");
        Job denied = varve.start();
        tellChangeId(varve, "third");
        assertThat(varve.jobs().awaitFailure(denied)).contains("not you", "trackingDenied: full");
        assertThat(varve.jobs().exitCode(denied)).isEqualTo(2);

        varve.redefine(definition("trackingDenied: full"));
        assertThat(varve.jobs().await(varve.start()))
                .contains("TRACKING_FAILED")
                .contains("not you")
                .contains(" 32.0 MiB read");
    }

    /** A VolumeSnapshot of the test's own, from which the driver counts changes. */
    private String pointInTime(InstalledVarve varve, String name) throws IOException {
        return readyHandle(
                varve.make(
                        """
                        {apiVersion: %s, kind: VolumeSnapshot, metadata: {namespace: "%s", name: "%s"}, spec:
                          {volumeSnapshotClassName: "%s", source: {persistentVolumeClaimName: data}}}
                        """
                                .formatted(SNAPSHOTS, varve.tenant(), name, storage.driver())));
    }

    /** As a driver does that has names of its own for points in time: into the VolumeSnapshot. */
    private void tellChangeId(InstalledVarve varve, String changeId) throws IOException {
        GenericKubernetesResource cut =
                Waiting.until(
                        "the run's VolumeSnapshot",
                        () ->
                                admin
                                        .genericKubernetesResources(SNAPSHOTS, "VolumeSnapshot")
                                        .inNamespace(varve.tenant())
                                        .withLabel("app.kubernetes.io/managed-by", "varve")
                                        .list()
                                        .getItems()
                                        .stream()
                                        .findFirst());
        admin.resource(cut)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\": {\"annotations\": {\"%s\": \"%s\"}}}"
                                .formatted(CHANGE_ID, changeId));
    }

    private List<String> snapshots() throws IOException {
        return storage.control(Part.DRIVER).snapshots().findValuesAsString("id");
    }
}
