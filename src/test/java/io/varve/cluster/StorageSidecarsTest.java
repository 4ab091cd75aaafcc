package io.varve.cluster;

import static io.varve.volume.BlockBitmap.BLOCK_BYTES;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachment;
import io.varve.cbt.csi.MetadataAccess;
import io.varve.cbt.csi.MetadataClient;
import io.varve.cbt.csi.MetadataQuery;
import io.varve.cbt.csi.MetadataService;
import io.varve.cbt.csi.SecurityToken;
import io.varve.cbt.csi.TrackingException;
import io.varve.cbt.csi.TrackingException.Kind;
import io.varve.cluster.ClusterStorage.Part;
import io.varve.volume.BlockBitmap;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The stand-ins for the sidecars that no registry has, against the real API server. */
class StorageSidecarsTest extends ClusterStorageHarness {

    StorageSidecarsTest(ControlPlane plane) throws IOException {
        super(plane);
    }

    @Test
    void ourClientReadsWhatTheDriverReportsWithNoMoreRightsThanItNeeds() throws IOException {
        HasMetadata claim = claim("data", "");
        String volume = boundVolume(claim);
        write(storage.volume(volume), 10 * BLOCK_BYTES, "one");
        String base = readyHandle(snapshot("s1", "data"));
        write(storage.volume(volume), 20 * BLOCK_BYTES, "two");
        readyHandle(snapshot("s2", "data"));

        assertThat(read(new MetadataQuery.Changed(namespace, "s2", base), storage.audience()))
                .isInstanceOfSatisfying(
                        TrackingException.class,
                        refused -> {
                            assertThat(refused.kind()).isEqualTo(Kind.DENIED);
                            assertThat(refused).hasMessageContaining("volumesnapshots");
                        });
        allowReading();
        assertThat(read(new MetadataQuery.Changed(namespace, "s2", base), "another"))
                .isInstanceOfSatisfying(
                        TrackingException.class,
                        refused -> assertThat(refused.kind()).isEqualTo(Kind.DENIED));
        assertThat(read(new MetadataQuery.Changed(namespace, "s2", base), storage.audience()))
                .isEqualTo(BlockBitmap.builder().add(20, 21).build());
        assertThat(read(new MetadataQuery.Allocated(namespace, "s2"), storage.audience()))
                .isEqualTo(BlockBitmap.builder().add(10, 11).add(20, 21).build());
        StorageControl sidecar = storage.control(Part.SIDECAR);
        assertThat(sidecar.calls("GetMetadataDelta", "PERMISSION_DENIED")).isPositive();
        assertThat(sidecar.calls("GetMetadataDelta", "UNAUTHENTICATED")).isPositive();
        assertThat(storage.control(Part.DRIVER).reportedBytes("GetMetadataDelta")).isEqualTo(4096);
    }

    /** The blocks that our client is told of, or why not. */
    private Object read(MetadataQuery query, String audience) throws IOException {
        MetadataAccess access =
                new MetadataAccess() {
                    @Override
                    public MetadataService service() {
                        GenericKubernetesResource service =
                                admin.genericKubernetesResources(
                                                "cbt.storage.k8s.io/v1beta1",
                                                "SnapshotMetadataService")
                                        .withName(storage.driver())
                                        .require();
                        return new MetadataService(
                                storage.driver(),
                                service.get("spec", "address"),
                                service.get("spec", "audience"),
                                new String(
                                        Base64.getDecoder()
                                                .decode(service.<String>get("spec", "caCert")),
                                        StandardCharsets.US_ASCII));
                    }

                    @Override
                    public SecurityToken token(MetadataService service) {
                        return new SecurityToken(tokenFor(audience), Instant.MAX);
                    }
                };
        try {
            return new MetadataClient(access, new Random(1)).read(query, () -> false).blocks();
        } catch (TrackingException e) {
            return e;
        }
    }

    private String tokenFor(String audience) {
        return admin.serviceAccounts()
                .inNamespace(namespace)
                .withName("default")
                .tokenRequest(
                        new TokenRequestBuilder()
                                .withNewSpec()
                                .withAudiences(audience)
                                .endSpec()
                                .build())
                .getStatus()
                .getToken();
    }

    private void allowReading() {
        make(
                """
                {apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {namespace: "%s", name: reader},
                  rules: [{apiGroups: [snapshot.storage.k8s.io], resources: [volumesnapshots], verbs: [get]}]}
                """
                        .formatted(namespace));
        make(
                """
                {apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {namespace: "%s", name: reader},
                  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader},
                  subjects: [{kind: ServiceAccount, namespace: "%s", name: default}]}
                """
                        .formatted(namespace, namespace));
    }

    @Test
    void aVolumeIsAttachedAndDetachedWhenTheTestSaysSo() throws IOException {
        StorageControl attacher = storage.control(Part.ATTACHER);
        attacher.behave("{\"attachError\": \"no such disk\"}");
        HasMetadata attachment =
                make(
                        """
                        {apiVersion: storage.k8s.io/v1, kind: VolumeAttachment, metadata: {name: "%s"}, spec:
                          {attacher: "%s", nodeName: none, source: {persistentVolumeName: none}}}
                        """
                                .formatted(namespace, storage.driver()));
        Waiting.until(
                "the error",
                () ->
                        now(attachment)
                                .map(at -> at.getStatus().getAttachError())
                                .filter(error -> error.getMessage().equals("no such disk")));
        attacher.behave("{\"detachDelay\": \"1h\"}");
        Waiting.until(
                "the volume to be attached",
                () -> now(attachment).filter(at -> at.getStatus().getAttached()));
        admin.resource(attachment).delete();
        assertThat(now(attachment)).isPresent();
        attacher.behave("{}");
        Waiting.until(
                "the volume to be detached",
                () -> now(attachment).isPresent() ? Optional.empty() : Optional.of("gone"));
    }

    private Optional<VolumeAttachment> now(HasMetadata attachment) {
        return Optional.ofNullable((VolumeAttachment) admin.resource(attachment).get());
    }
}
