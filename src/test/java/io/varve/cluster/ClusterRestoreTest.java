package io.varve.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.varve.cluster.ClusterStorage.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The whole way of a restore, as a cluster's user has it. */
@Order(1)
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
            varve.await(varve.start());
            String hash = hash(volume);
            String backupId = newestBackup(varve);
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
            assertThat(varve.await(job)).contains("verified").contains("30.0 MiB zeroed");

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
            varve.await(varve.start());
            String hash = hash(volume);
            write(volume, 4 * MIB, text(100));
            write(volume, 20 * MIB, text(100));
            String uid = claim(varve.tenant()).getMetadata().getUid();

            Job job =
                    varve.restore(
                            varve.tenant(),
                            List.of(
                                    newestBackup(varve),
                                    "--to-pvc",
                                    varve.tenant() + "/data",
                                    "--in-place",
                                    "incremental"));
            varve.node().kill(Waiting.until("a mover", varve::runningMover));
            Pod second =
                    Waiting.until(
                            "a second launcher",
                            () ->
                                    varve.pods(job).stream()
                                            .filter(InstalledVarve::isRunning)
                                            .filter(pod -> varve.pods(job).size() > 1)
                                            .findFirst());
            Waiting.until("a second mover", varve::runningMover);
            varve.node().kill(second);
            assertThat(varve.await(job))
                    .contains("30.0 MiB skipped; blocks compared that the storage calls changed");

            PersistentVolumeClaim now = claim(varve.tenant());
            assertThat(storage.volume(boundVolume(now))).isEqualTo(volume);
            assertThat(hash(volume)).isEqualTo(hash);
            assertThat(now.getMetadata().getUid()).isNotEqualTo(uid);
            assertThat(varve.leftovers()).isEmpty();
            assertThat(storage.control(Part.DRIVER).volumes()).hasSize(2);
        }
    }

    @Test
    void aPreviewSaysWhatARestoreWritesAtMostWhileAPodHasTheClaimAlsoAfterAKill(
            @TempDir Path folder) throws IOException {
        try (InstalledVarve varve = InstalledVarve.install(plane, storage, folder, "")) {
            Path volume = claim(varve);
            write(volume, 3 * MIB, text(2 * MIB));
            varve.await(varve.start());
            write(volume, 4 * MIB, text(100));
            write(volume, 20 * MIB, text(100));
            String changed = hash(volume);
            PersistentVolumeClaim before = claim(varve.tenant());
            HasMetadata user = user(varve);
            int snapshots = storage.control(Part.DRIVER).snapshots().size();
            List<String> words =
                    new ArrayList<>(
                            List.of(
                                    newestBackup(varve),
                                    "--to-pvc",
                                    varve.tenant() + "/data",
                                    "--in-place",
                                    "incremental"));

            words.add("--preview");
            storage.control(Part.DRIVER).behave("{\"snapshotReadyAfter\": \"never\"}");
            Job preview = varve.restore(varve.tenant(), words);
            Waiting.until(
                    "the preview's snapshot",
                    () ->
                            storage.control(Part.DRIVER).snapshots().size() > snapshots
                                    ? Optional.of(preview)
                                    : Optional.empty());
            varve.node().kill(varve.pods(preview).getFirst());
            storage.control(Part.DRIVER).behave("{}");
            // The Job's next pod.
            assertThat(varve.await(preview))
                    .contains("at most 2.0 MiB to be written")
                    .contains("blocks compared that the storage calls changed")
                    .contains("Pod %s/user (Pending)".formatted(varve.tenant()));

            PersistentVolumeClaim now = claim(varve.tenant());
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
            words.remove("--preview");
            assertThat(varve.await(varve.restore(varve.tenant(), words)))
                    .contains("1.0 MiB written, 1.0 MiB zeroed, 30.0 MiB skipped");
        }
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

    private static String newestBackup(InstalledVarve varve) throws IOException {
        String printed = varve.run("list", List.of("backup", "list", "--json"));
        String document =
                printed.lines().filter(line -> line.startsWith("[")).findFirst().orElseThrow();
        JsonNode backups = JsonMapper.shared().readTree(document);
        return backups.get(0).path("backupId").asString();
    }

    private static String hash(Path file) throws IOException {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private String text(int bytes) {
        byte[] some = new byte[bytes / 2];
        random.nextBytes(some);
        return HexFormat.of().formatHex(some);
    }
}
