package io.varve.kube.restore;

import static io.varve.kube.BackupCluster.NEVER;
import static io.varve.kube.BackupCluster.PATIENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.varve.cluster.Waiting;
import io.varve.kube.BackupCluster;
import io.varve.kube.KilledAtCall;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.Kind;
import io.varve.kube.api.RunObjects;
import io.varve.kube.claim.VolumeMode;
import io.varve.kube.mover.Copies;
import io.varve.kube.mover.ExposedClaim;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the tests of restores share: a cluster, and the bytes of its volumes. */
record RestoreTests(BackupCluster cluster) {

    static final long BYTES = 4 << 20;

    /** A call to one of the {@link Restores}' methods. */
    @FunctionalInterface
    interface Call {
        void on(Restores restores) throws IOException;
    }

    WantedClaim wanted(String name, VolumeMode mode, String storageClass) {
        return new WantedClaim(
                cluster.tenant(),
                name,
                mode,
                mode == VolumeMode.BLOCK ? "" : "xfs",
                storageClass,
                List.of("ReadWriteOnce"),
                Map.of("app", "shop"),
                BYTES,
                false);
    }

    Restores restores() {
        return new Restores(cluster.api());
    }

    /** Of a tenant's Secret; the only one that may be copied. */
    Restores copying() {
        return restores().copying(storageClass -> new Copies(List.of("kms-token"), List.of()));
    }

    /** The tenant's. */
    void makeSecret() {
        cluster.make(
                "{apiVersion: v1, kind: Secret, metadata: {namespace: %s, name: kms-token}, data: {token: c2VjcmV0}}"
                        .formatted(cluster.tenant()));
    }

    boolean isCopied(RunObjects run) throws IOException {
        return cluster.api()
                .get(Kind.SECRET, cluster.namespace(), run.copy("kms-token"))
                .isPresent();
    }

    void provision(RunObjects run, WantedClaim wanted) throws IOException {
        restores().provision(run, wanted, BYTES, ProvisionSettings.DEFAULT, NEVER);
    }

    /** As a mover does, through the claim. */
    void write(ExposedClaim exposed, String text) throws IOException {
        String handle = handle(exposed.namespace(), exposed.name());
        try (FileChannel volume =
                FileChannel.open(cluster.storage().volume(handle), StandardOpenOption.WRITE)) {
            volume.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), 0);
        }
    }

    String read(String handle, int length) throws IOException {
        ByteBuffer start = ByteBuffer.allocate(length);
        try (FileChannel volume = FileChannel.open(cluster.storage().volume(handle))) {
            volume.read(start, 0);
        }
        return new String(start.array(), StandardCharsets.UTF_8);
    }

    /** Of the volume that a claim is bound to. */
    String handle(String namespace, String claim) throws IOException {
        return volume(namespace, claim).getSpec().getCsi().getVolumeHandle();
    }

    PersistentVolume volume(String namespace, String claim) throws IOException {
        String name =
                Waiting.until(
                        claim + " to be bound",
                        () ->
                                cluster.api()
                                        .get(Kind.CLAIM, namespace, claim)
                                        .filter(now -> "Bound".equals(now.getStatus().getPhase()))
                                        .map(now -> now.getSpec().getVolumeName()));
        return cluster.api().get(Kind.VOLUME, "", name).orElseThrow();
    }

    PersistentVolumeClaim claim(String name) throws IOException {
        return cluster.api().get(Kind.CLAIM, cluster.tenant(), name).orElseThrow();
    }

    /**
     * @return whether the call was killed
     */
    boolean killed(int changes, Call call) throws IOException {
        KilledAtCall kill = new KilledAtCall(changes);
        try (ClusterApi mortal = cluster.api(PATIENT, kill)) {
            call.on(new Restores(mortal));
        } catch (KilledAtCall.Killed expected) {
            // The process is gone; only what reached the API server is left.
        }
        return kill.hasKilled();
    }

    /** Every PersistentVolume of the driver. */
    List<PersistentVolume> volumes() {
        return cluster.admin().persistentVolumes().list().getItems().stream()
                .filter(
                        volume ->
                                cluster.driver().equals(volume.getSpec().getStorageClassName())
                                        || Optional.ofNullable(volume.getSpec().getCsi())
                                                .filter(
                                                        csi ->
                                                                cluster.driver()
                                                                        .equals(csi.getDriver()))
                                                .isPresent())
                .toList();
    }

    /** Nothing of a run is left in Varve's namespace. */
    void assertNothingIn(String namespace) throws IOException {
        assertThat(cluster.api().list(Kind.CLAIM, namespace, "")).isEmpty();
        assertThat(
                        cluster.api()
                                .list(
                                        Kind.CONFIG_MAP,
                                        namespace,
                                        "app.kubernetes.io/managed-by=varve"))
                .isEmpty();
    }

    /** Removes a claim as its user does. */
    void delete(String name) throws IOException {
        PersistentVolumeClaim claim = claim(name);
        cluster.admin().resource(claim).delete();
        Waiting.until(
                name + " to go",
                () ->
                        cluster.api().get(Kind.CLAIM, cluster.tenant(), name).isPresent()
                                ? Optional.empty()
                                : Optional.of(name));
    }
}
