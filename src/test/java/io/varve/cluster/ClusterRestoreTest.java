package io.varve.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.varve.cluster.ClusterStorage.Part;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole way of a restore, as a cluster's user has it. */
class ClusterRestoreTest extends ClusterStorageHarness {

    private static final int MIB = 1 << 20;
    private static final long SEED = 20261130;

    private final Random random = new Random(SEED);

    ClusterRestoreTest(ControlPlane plane) throws IOException {
        super(plane);
    }

    /** Only the repository, its password and a definition are left. */
    @Test
    void aLostNamespaceComesBackFromTheRepositoryAlone(@TempDir Path folder)
            throws IOException, SQLException {
        try (InstalledVarve varve = InstalledVarve.install(plane, storage, folder, "")) {
            Path volume = claim(varve);
            write(volume, 3 * MIB, text(2 * MIB));
            varve.jobs().await(varve.start());
            String hash = hash(volume);
            String backupId = varve.backups().getFirst().path("backupId").asString();
            varve.loseDatabase();
            lose(varve);

            String elsewhere = varve.tenant() + "-again";
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

            assertThat(hash(storage.volume(boundVolume(claim(elsewhere))))).isEqualTo(hash);
            assertThat(claim(elsewhere).getSpec().getVolumeMode()).isEqualTo("Block");
            assertThat(claim(elsewhere).getMetadata().getLabels()).containsEntry("app", "shop");
            assertThat(varve.leftovers()).isEmpty();
        }
    }

    @Test
    void inPlaceOnlyWhatDiffersIsWrittenAlsoByASecondMover(@TempDir Path folder)
            throws IOException {
        try (InstalledVarve varve = InstalledVarve.install(plane, storage, folder, "")) {
            Path volume = claim(varve);
            write(volume, 3 * MIB, text(2 * MIB));
            varve.jobs().await(varve.start());
            String hash = hash(volume);
            write(volume, 4 * MIB, text(100));
            write(volume, 20 * MIB, text(100));
            String uid = claim(varve.tenant()).getMetadata().getUid();

            Job job =
                    varve.restore(
                            varve.tenant(),
                            List.of(
                                    varve.backups().getFirst().path("backupId").asString(),
                                    "--to-pvc",
                                    varve.tenant() + "/data",
                                    "--in-place",
                                    "incremental"));
            varve.node().kill(Waiting.until("a mover", varve::runningMover));
            Pod second = varve.jobs().running(job, 1);
            Waiting.until("a second mover", varve::runningMover);
            varve.node().kill(second);
            assertThat(varve.jobs().await(job))
                    .contains("30.0 MiB skipped; blocks compared that the storage calls changed");

            PersistentVolumeClaim now = claim(varve.tenant());
            assertThat(storage.volume(boundVolume(now))).isEqualTo(volume);
            assertThat(hash(volume)).isEqualTo(hash);
            assertThat(now.getMetadata().getUid()).isNotEqualTo(uid);
            assertThat(varve.leftovers()).isEmpty();
            assertThat(storage.control(Part.DRIVER).volumes()).hasSize(2);
        }
    }

    private PersistentVolumeClaim claim(String ofNamespace) {
        return admin.persistentVolumeClaims().inNamespace(ofNamespace).withName("data").get();
    }

    /** All of a tenant's, and what Varve had in its own namespace. */
    private void lose(InstalledVarve varve) throws IOException {
        admin.resource(claim(varve.tenant())).delete();
        admin.genericKubernetesResources(SNAPSHOTS, "VolumeSnapshot")
                .inNamespace(varve.namespace())
                .delete();
        Waiting.until(
                "the claim to go",
                () ->
                        Optional.ofNullable(claim(varve.tenant())).isPresent()
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
