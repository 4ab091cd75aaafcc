package io.varve.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.varve.blob.s3.NeedsS3Server;
import io.varve.blob.s3.S3Server;
import io.varve.cluster.ClusterStorage.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What is lost with a cluster, and what is not: backups in a bucket outlive it. */
@Order(1)
class ClusterDisasterTest extends ClusterStorageHarness {

    private static final int MIB = 1 << 20;
    private static final long SEED = 20261203;

    private final Random random = new Random(SEED);

    ClusterDisasterTest(ControlPlane plane) throws IOException {
        super(plane);
    }

    /**
     * Goal: a bucket and its password are enough. Method: what one cluster backed up, though its
     * pods were killed, is restored on another one: with an API server, a driver, classes and a
     * database of its own, none of which the first one knew.
     */
    @Test
    @NeedsS3Server
    void aBackupWhosePodsWereKilledComesBackOnAClusterThatHasOnlyTheBucket(
            @TempDir Path folder, @TempDir Path servers) throws IOException {
        try (S3Server server = S3Server.start(servers)) {
            InstalledRepository bucket = InstalledRepository.inBucket(server.bucket("backups"));
            Lost lost = backUp(bucket, Files.createDirectory(folder.resolve("lost")));
            // Its driver, and with it all volumes and snapshots.
            storage.close();
            Path found = Files.createDirectory(folder.resolve("found"));
            try (ControlPlane other = ControlPlane.start()) {
                try {
                    restore(lost, bucket.existing(), other, found);
                } catch (IOException | AssertionError e) {
                    other.logs().keep();
                    throw e;
                }
            }
        }
    }

    /**
     * A claim of a cluster that is no more.
     *
     * @param hash of its volume, at its last backup
     */
    private record Lost(PersistentVolumeClaim claim, String hash) {}

    private Lost backUp(InstalledRepository bucket, Path folder) throws IOException {
        try (InstalledVarve varve = InstalledVarve.install(plane, storage, folder, bucket, "")) {
            PersistentVolumeClaim claim = claim(varve);
            Path volume = storage.volume(boundVolume(claim));
            fill(volume, 24, random);
            killedPodsAreFollowedByOthersThatGoOn(varve);
            List<JsonNode> backups = varve.backups();
            assertThat(backups).hasSize(1);
            assertThat(varve.hash(backups.getFirst().path("backupId").asString()))
                    .isEqualTo(hash(volume));
            assertThat(varve.leftovers()).isEmpty();
            assertThat(storage.control(Part.DRIVER).snapshots()).hasSize(1);
            assertThat(storage.control(Part.DRIVER).volumes()).hasSize(1);

            write(volume, 30 * MIB, "changed since");
            assertThat(varve.jobs().await(varve.start())).contains("incremental on");
            return new Lost(claim, hash(volume));
        }
    }

    private static void killedPodsAreFollowedByOthersThatGoOn(InstalledVarve varve)
            throws IOException {
        Job job = varve.start();
        varve.node().kill(Waiting.until("a mover", varve::runningMover));
        Pod launcher = varve.jobs().running(job, 1);
        Waiting.until("a second mover", varve::runningMover);
        varve.node().kill(launcher);
        varve.jobs().await(job);
        assertThat(varve.jobs().of(job)).hasSize(3);
    }

    private static void restore(
            Lost lost, InstalledRepository bucket, ControlPlane cluster, Path folder)
            throws IOException {
        String namespace = lost.claim().getMetadata().getNamespace();
        String name = lost.claim().getMetadata().getName();
        try (ClusterStorage storage = ClusterStorage.start(cluster, "other.csi.varve.io", folder);
                InstalledVarve varve =
                        InstalledVarve.install(cluster, storage, folder, bucket, "")) {
            assertThat(cluster.admin().namespaces().withName(namespace).get()).isNull();
            List<JsonNode> backups = varve.backups();
            assertThat(backups)
                    .extracting(each -> each.path("type").asString())
                    .containsExactly("INCREMENTAL", "FULL");
            Job job =
                    varve.restore(
                            namespace,
                            List.of(
                                    backups.getFirst().path("backupId").asString(),
                                    "--to-pvc",
                                    namespace + "/" + name,
                                    "--storage-class",
                                    storage.driver(),
                                    "--create-namespace",
                                    "--verify"));
            assertThat(varve.jobs().await(job)).contains("verified").contains("7.0 MiB zeroed");

            PersistentVolumeClaim restored =
                    cluster.admin()
                            .persistentVolumeClaims()
                            .inNamespace(namespace)
                            .withName(name)
                            .require();
            assertThat(hash(storage.volume(boundVolume(cluster.admin(), restored))))
                    .isEqualTo(lost.hash());
            assertAsItWas(restored, lost.claim(), storage.driver());
            assertThat(
                            new Leftovers(
                                            cluster.admin(),
                                            storage.driver(),
                                            List.of(varve.namespace(), namespace))
                                    .list())
                    .isEmpty();
            assertThat(storage.control(Part.DRIVER).volumes()).hasSize(1);
            assertThat(storage.control(Part.DRIVER).snapshots()).isEmpty();
        }
    }

    /** But for its storage class. */
    private static void assertAsItWas(
            PersistentVolumeClaim now, PersistentVolumeClaim was, String storageClass) {
        assertThat(now.getMetadata().getLabels()).isEqualTo(was.getMetadata().getLabels());
        assertThat(now.getSpec().getAccessModes()).isEqualTo(was.getSpec().getAccessModes());
        assertThat(now.getSpec().getVolumeMode()).isEqualTo(was.getSpec().getVolumeMode());
        assertThat(now.getSpec().getResources()).isEqualTo(was.getSpec().getResources());
        assertThat(now.getSpec().getStorageClassName()).isEqualTo(storageClass);
    }

    /** Of an access mode that no restore chooses by itself. */
    private PersistentVolumeClaim claim(InstalledVarve varve) {
        return (PersistentVolumeClaim)
                make(
                        """
                        {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {namespace: "%s", name: data, labels: {app: shop}}, spec: {
                          storageClassName: "%s", volumeMode: Block, accessModes: [ReadWriteOncePod], resources: {requests: {storage: 32Mi}}}}
                        """
                                .formatted(varve.tenant(), storage.driver()));
    }
}
