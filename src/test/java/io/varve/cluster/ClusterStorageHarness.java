package io.varve.cluster;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.varve.kube.snapshot.SnapshotSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * A cluster with storage, and a namespace for each test, which makes claims and snapshots in it.
 */
@NeedsControlPlane
abstract class ClusterStorageHarness {

    static final String SNAPSHOTS = "snapshot.storage.k8s.io/v1";

    final ControlPlane plane;
    final KubernetesClient admin;
    final String namespace;
    ClusterStorage storage;

    ClusterStorageHarness(ControlPlane plane) throws IOException {
        this.plane = plane;
        admin = plane.admin();
        namespace = plane.newNamespace("storage");
    }

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        storage = ClusterStorage.start(plane, namespace + ".csi.varve.io", folder);
    }

    @AfterEach
    void stop() throws IOException {
        storage.close();
    }

    HasMetadata claim(String name, String more) {
        return make(
                """
                {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {namespace: "%s", name: "%s"}, spec: {storageClassName: "%s",
                  volumeMode: Block, accessModes: [ReadWriteOnce], resources: {requests: {storage: 64Mi}}%s}}
                """
                        .formatted(namespace, name, storage.driver(), more));
    }

    HasMetadata snapshot(String name, String claim) {
        return make(
                """
                {apiVersion: %s, kind: VolumeSnapshot, metadata: {namespace: "%s", name: "%s"}, spec:
                  {volumeSnapshotClassName: "%s", source: {persistentVolumeClaimName: "%s"}}}
                """
                        .formatted(SNAPSHOTS, namespace, name, storage.driver(), claim));
    }

    String boundVolume(HasMetadata claim) throws IOException {
        return boundVolume(admin, claim);
    }

    /** Waits for a claim to be bound, and returns the driver's handle of its volume. */
    static String boundVolume(KubernetesClient admin, HasMetadata claim) throws IOException {
        String volume =
                Waiting.until(
                        claim.getMetadata().getName() + " to be bound",
                        () ->
                                Optional.of((PersistentVolumeClaim) admin.resource(claim).get())
                                        .filter(now -> "Bound".equals(now.getStatus().getPhase()))
                                        .map(now -> now.getSpec().getVolumeName()));
        return admin.persistentVolumes()
                .withName(volume)
                .require()
                .getSpec()
                .getCsi()
                .getVolumeHandle();
    }

    String readyHandle(HasMetadata snapshot) throws IOException {
        Waiting.until(
                snapshot.getMetadata().getName() + " to be ready",
                () -> text(snapshot, "status", "readyToUse").filter("true"::equals));
        String content = text(snapshot, "status", "boundVolumeSnapshotContentName").orElseThrow();
        return text(
                        admin.genericKubernetesResources(SNAPSHOTS, "VolumeSnapshotContent")
                                .withName(content)
                                .require(),
                        "status",
                        "snapshotHandle")
                .orElseThrow();
    }

    Optional<String> text(HasMetadata object, Object... path) {
        GenericKubernetesResource now = (GenericKubernetesResource) admin.resource(object).get();
        return Optional.ofNullable(now.get(path)).map(Object::toString);
    }

    HasMetadata make(String yaml) {
        // Without the dashes it is taken for JSON, whose names are quoted.
        return admin.resource("---\n" + yaml).create();
    }

    /** What a definition copies in some tests. */
    void makeCopied(String ofNamespace) {
        for (String kind :
                List.of(
                        "Secret, metadata: {name: kms-token,",
                        "ConfigMap, metadata: {name: kms-config,")) {
            make(
                    "{apiVersion: v1, kind: %s namespace: \"%s\"}, data: {a: YQ==}}"
                            .formatted(kind, ofNamespace));
        }
    }

    static SnapshotSettings ready(int seconds) {
        return new SnapshotSettings(Optional.empty(), Duration.ofSeconds(seconds), Map.of());
    }

    /** Of a mover's pod. */
    Job jobOf(Pod mover) {
        return admin.batch()
                .v1()
                .jobs()
                .inNamespace(mover.getMetadata().getNamespace())
                .withName(mover.getMetadata().getOwnerReferences().getFirst().getName())
                .require();
    }

    /** What Varve has told of claims, the oldest first. */
    List<Event> news(String ofNamespace) {
        return admin.v1().events().inNamespace(ofNamespace).list().getItems().stream()
                .filter(event -> "varve".equals(event.getSource().getComponent()))
                .sorted(Comparator.comparing(Event::getFirstTimestamp))
                .toList();
    }

    /** A tenant's claim, and the file behind its volume. */
    Path tenantClaim(InstalledVarve varve, String name, String size) throws IOException {
        return storage.volume(
                boundVolume(
                        make(
                                """
                                {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {namespace: "%s", name: "%s"}, spec: {
                                  storageClassName: "%s", volumeMode: Block, accessModes: [ReadWriteOnce], resources: {requests: {storage: %s}}}}
                                """
                                        .formatted(varve.tenant(), name, storage.driver(), size))));
    }

    /** Fills whole blocks of 1 MiB with what no compression makes smaller. */
    static void fill(Path image, int blocks, Random random) throws IOException {
        fill(image, blocks, 1, random);
    }

    /**
     * Fills every other block: neighbours are copied at once, and would leave no time between two
     * checkpoints.
     */
    static void scatter(Path image, int blocks, Random random) throws IOException {
        fill(image, blocks, 2, random);
    }

    private static void fill(Path image, int blocks, int step, Random random) throws IOException {
        byte[] block = new byte[1 << 20];
        for (int i = 0; i < blocks; i++) {
            random.nextBytes(block);
            write(image, (long) i * step * block.length, block);
        }
    }

    boolean isToBeDeleted(Pod pod) {
        return Optional.ofNullable(admin.resource(pod).get())
                .filter(now -> now.getMetadata().getDeletionTimestamp() == null)
                .isEmpty();
    }

    static String hash(Path file) throws IOException {
        try (InputStream content = Files.newInputStream(file)) {
            MessageDigest hash = MessageDigest.getInstance("SHA-256");
            content.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), hash));
            return HexFormat.of().formatHex(hash.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static void write(Path image, long offset, String text) throws IOException {
        write(image, offset, text.getBytes(StandardCharsets.UTF_8));
    }

    static void write(Path image, long offset, byte[] bytes) throws IOException {
        try (FileChannel file = FileChannel.open(image, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(bytes), offset);
        }
    }
}
