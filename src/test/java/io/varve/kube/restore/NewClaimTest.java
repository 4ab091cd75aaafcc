package io.varve.kube.restore;

import static io.varve.kube.BackupCluster.NEVER;
import static io.varve.kube.restore.RestoreTests.BYTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.varve.cluster.ControlPlane;
import io.varve.cluster.NeedsControlPlane;
import io.varve.cluster.Waiting;
import io.varve.kube.BackupCluster;
import io.varve.kube.api.ClusterUsageException;
import io.varve.kube.api.Ownership;
import io.varve.kube.api.RunObjects;
import io.varve.kube.claim.ClaimState;
import io.varve.kube.claim.Claims;
import io.varve.kube.claim.SourceClaim;
import io.varve.kube.claim.VolumeMode;
import io.varve.kube.mover.ExposedClaim;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NeedsControlPlane
class NewClaimTest {

    private static BackupCluster cluster;
    private static RestoreTests tests;

    @BeforeAll
    static void start(ControlPlane plane, @TempDir Path folder) throws IOException {
        cluster = BackupCluster.start(plane, folder).allowRestore();
        tests = new RestoreTests(cluster);
    }

    @AfterAll
    static void stop() throws IOException {
        cluster.close();
    }

    @Test
    void whatAMoverWroteBecomesABlockClaim() throws IOException {
        RunObjects run = BackupCluster.newRun();
        WantedClaim wanted = tests.wanted("block", VolumeMode.BLOCK, cluster.driver());
        Restores restores = tests.restores();
        ExposedClaim exposed =
                restores.provision(run, wanted, BYTES, ProvisionSettings.DEFAULT, NEVER);
        assertThat(exposed.namespace()).isEqualTo(cluster.namespace());
        assertThat(exposed.bytes()).isEqualTo(BYTES);
        assertThat(restores.provision(run, wanted, BYTES, ProvisionSettings.DEFAULT, NEVER))
                .isEqualTo(exposed);
        tests.write(exposed, "restored");

        RestoredClaim restored = restores.bind(run, wanted, NEVER);
        assertThat(restores.bind(run, wanted, NEVER)).isEqualTo(restored);
        assertThat(tests.read(restored.volumeHandle(), 8)).isEqualTo("restored");
        assertThat(restored.bytes()).isEqualTo(BYTES);
        assertThat(new Claims(cluster.api()).find(cluster.tenant(), "block"))
                .isInstanceOfSatisfying(
                        ClaimState.Ready.class,
                        ready -> assertIsTheUsers(ready.claim(), restored, VolumeMode.BLOCK, ""));
        assertThat(tests.volume(cluster.tenant(), "block").getSpec())
                .satisfies(
                        spec -> {
                            assertThat(spec.getPersistentVolumeReclaimPolicy()).isEqualTo("Delete");
                            assertThat(spec.getStorageClassName()).isEqualTo(cluster.driver());
                        });
        tests.assertNothingIn(cluster.namespace());
        restores.remove(run, NEVER);
        assertThat(tests.claim("block").getMetadata().getUid()).isEqualTo(restored.uid());
        assertGoesWithItsClaim(restored);
    }

    private static void assertIsTheUsers(
            SourceClaim claim, RestoredClaim restored, VolumeMode mode, String fsType) {
        assertThat(claim.uid()).isEqualTo(restored.uid());
        assertThat(claim.volumeHandle()).isEqualTo(restored.volumeHandle());
        assertThat(claim.volumeMode()).isEqualTo(mode);
        assertThat(claim.fsType()).isEqualTo(fsType);
        assertThat(claim.labels()).containsEntry("app", "shop").hasSize(1);
        assertThat(claim.accessModes()).containsExactly("ReadWriteOnce");
        assertThat(claim.storageClass()).isEqualTo(cluster.driver());
    }

    /** The driver knows the volume as its own, though another PersistentVolume was made for it. */
    private static void assertGoesWithItsClaim(RestoredClaim restored) throws IOException {
        tests.delete(restored.name());
        Waiting.until(
                "the volume to be deleted in the storage",
                () ->
                        cluster.volumes().contains(restored.volumeHandle())
                                ? Optional.empty()
                                : Optional.of("gone"));
    }

    @Test
    void whatAMoverWroteBecomesAFilesystemClaimWithTheBackupsFileSystem() throws IOException {
        RunObjects run = BackupCluster.newRun();
        WantedClaim wanted = tests.wanted("files", VolumeMode.FILESYSTEM, cluster.driver());
        ExposedClaim exposed =
                tests.restores().provision(run, wanted, BYTES, ProvisionSettings.DEFAULT, NEVER);
        tests.write(exposed, "restored");
        RestoredClaim restored = tests.restores().bind(run, wanted, NEVER);
        assertThat(tests.read(restored.volumeHandle(), 8)).isEqualTo("restored");
        assertThat(new Claims(cluster.api()).find(cluster.tenant(), "files"))
                .isInstanceOfSatisfying(
                        ClaimState.Ready.class,
                        ready ->
                                assertIsTheUsers(
                                        ready.claim(), restored, VolumeMode.FILESYSTEM, "xfs"));
        assertThat(Ownership.labelOf(tests.claim("files"), Ownership.MANAGED_BY)).isEmpty();
        assertGoesWithItsClaim(restored);
    }

    @Test
    void whatADriverWantsBesideTheTemporaryClaimGoesWithIt() throws IOException {
        RunObjects run = BackupCluster.newRun();
        WantedClaim wanted = tests.wanted("sealed", VolumeMode.BLOCK, cluster.driver());
        assertThatThrownBy(() -> provisionCopying(run, wanted))
                .isInstanceOf(ClusterUsageException.class)
                .hasMessageContaining("Secret %s/kms-token is to be".formatted(cluster.tenant()))
                .hasMessageContaining("make it in namespace " + cluster.tenant());
        tests.assertNothingIn(cluster.namespace());

        tests.makeSecret();
        provisionCopying(run, wanted);
        assertThat(tests.isCopied(run)).isTrue();
        tests.restores().bind(run, wanted, NEVER);
        assertThat(tests.isCopied(run)).isFalse();
        tests.assertNothingIn(cluster.namespace());
        tests.delete("sealed");

        RunObjects canceled = BackupCluster.newRun();
        provisionCopying(canceled, wanted);
        tests.restores().remove(canceled, NEVER);
        assertThat(tests.isCopied(canceled)).isFalse();
        tests.assertNothingIn(cluster.namespace());
    }

    private static void provisionCopying(RunObjects run, WantedClaim wanted) throws IOException {
        tests.copying().provision(run, wanted, BYTES, ProvisionSettings.DEFAULT, NEVER);
    }

    @Test
    void aClassThatRetainsKeepsItsPolicy() throws IOException {
        String retain = cluster.storageClass("-retain", "Retain");
        RunObjects run = BackupCluster.newRun();
        WantedClaim wanted = tests.wanted("kept", VolumeMode.BLOCK, retain);
        tests.provision(run, wanted);
        RestoredClaim restored = tests.restores().bind(run, wanted, NEVER);
        assertThat(
                        tests.volume(cluster.tenant(), "kept")
                                .getSpec()
                                .getPersistentVolumeReclaimPolicy())
                .isEqualTo("Retain");
        assertThat(cluster.volumes()).contains(restored.volumeHandle());

        RunObjects canceled = BackupCluster.newRun();
        int before = cluster.volumes().size();
        tests.provision(canceled, tests.wanted("other", VolumeMode.BLOCK, retain));
        tests.restores().remove(canceled, NEVER);
        assertThat(cluster.volumes()).hasSize(before);
        tests.delete("kept");
    }

    @Test
    void aRunThatIsKilledBeforeAnyChangeOfItsRebindGoesOn() throws IOException {
        boolean killed = true;
        for (int changes = 0; killed; changes++) {
            RunObjects run = BackupCluster.newRun();
            String name = "rebound-" + changes;
            WantedClaim wanted = tests.wanted(name, VolumeMode.FILESYSTEM, cluster.driver());
            ExposedClaim exposed =
                    tests.restores()
                            .provision(run, wanted, BYTES, ProvisionSettings.DEFAULT, NEVER);
            tests.write(exposed, name);
            String handle = tests.handle(cluster.namespace(), run.name());
            killed = tests.killed(changes, restores -> restores.bind(run, wanted, NEVER));
            assertIsNamed(handle, changes);

            RestoredClaim restored = tests.restores().bind(run, wanted, NEVER);
            assertThat(restored.volumeHandle()).as("after %d changes", changes).isEqualTo(handle);
            assertThat(tests.read(handle, name.length())).isEqualTo(name);
            assertThat(
                            tests.volume(cluster.tenant(), name)
                                    .getSpec()
                                    .getPersistentVolumeReclaimPolicy())
                    .as("after %d changes", changes)
                    .isEqualTo("Delete");
            tests.assertNothingIn(cluster.namespace());
            assertGoesWithItsClaim(restored);
        }
    }

    private static void assertIsNamed(String handle, int changes) {
        List<String> named =
                tests.volumes().stream()
                        .map(PersistentVolume::getSpec)
                        .map(spec -> spec.getCsi().getVolumeHandle())
                        .toList();
        assertThat(named).as("after %d changes", changes).contains(handle);
    }

    @Test
    void aRunThatIsKilledBeforeAnyChangeCanBeRemovedWithoutATrace() throws IOException {
        boolean killed = true;
        for (int changes = 0; killed; changes++) {
            RunObjects run = BackupCluster.newRun();
            String name = "removed-" + changes;
            WantedClaim wanted = tests.wanted(name, VolumeMode.BLOCK, cluster.driver());
            List<String> before = cluster.volumes();
            killed =
                    tests.killed(
                            changes,
                            restores -> {
                                restores.provision(
                                        run, wanted, BYTES, ProvisionSettings.DEFAULT, NEVER);
                                restores.bind(run, wanted, NEVER);
                            });
            tests.restores().remove(run, NEVER);
            tests.assertNothingIn(cluster.namespace());
            if (isBound(name)) {
                tests.delete(name);
                awaitVolumes(before);
            }
            assertThat(cluster.volumes()).as("after %d changes", changes).isEqualTo(before);
        }
    }

    private static boolean isBound(String name) {
        PersistentVolumeClaim claim =
                cluster.admin()
                        .persistentVolumeClaims()
                        .inNamespace(cluster.tenant())
                        .withName(name)
                        .get();
        return claim != null && "Bound".equals(claim.getStatus().getPhase());
    }

    private static void awaitVolumes(List<String> wanted) throws IOException {
        Waiting.until(
                "the volume to go with its claim",
                () -> cluster.volumes().equals(wanted) ? Optional.of(wanted) : Optional.empty());
    }

    @Test
    void aRemovalThatIsKilledBeforeAnyChangeIsEndedByTheNext() throws IOException {
        // Of provisioning and binding: 1 is the claim; 2 the journal, 4 both volumes, 6 only the
        // second one.
        for (int done : new int[] {1, 2, 4, 6}) {
            boolean killed = true;
            for (int changes = 0; killed; changes++) {
                RunObjects run = BackupCluster.newRun();
                WantedClaim wanted = tests.wanted("undone", VolumeMode.BLOCK, cluster.driver());
                List<String> before = cluster.volumes();
                tests.killed(
                        done,
                        restores -> {
                            restores.provision(
                                    run, wanted, BYTES, ProvisionSettings.DEFAULT, NEVER);
                            restores.bind(run, wanted, NEVER);
                        });
                killed = tests.killed(changes, restores -> restores.remove(run, NEVER));
                tests.restores().remove(run, NEVER);
                assertThat(cluster.volumes())
                        .as("done up to %d, removed up to %d", done, changes)
                        .isEqualTo(before);
                tests.assertNothingIn(cluster.namespace());
            }
        }
    }
}
