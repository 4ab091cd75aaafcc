package io.varve.kube.snapshot;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.varve.cbt.csi.MetadataAccess;
import io.varve.cbt.csi.MetadataService;
import io.varve.cbt.csi.SecurityToken;
import io.varve.cbt.csi.TrackingException;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.ClusterUsageException;
import io.varve.kube.api.Kind;
import io.varve.kube.api.TokenRequests;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** Finds a driver's metadata service in the cluster, and gets tokens for it. */
public final class ClusterMetadata implements MetadataAccess {

    private final ClusterApi api;
    private final TakenSnapshot snapshot;

    public ClusterMetadata(ClusterApi api, TakenSnapshot snapshot) {
        this.api = api;
        this.snapshot = snapshot;
    }

    @Override
    public MetadataService service() throws IOException {
        checkSnapshot();
        return service(api, snapshot.driver())
                .orElseThrow(
                        () ->
                                new TrackingException(
                                        TrackingException.Kind.UNSUPPORTED,
                                        "driver %s has no SnapshotMetadataService"
                                                .formatted(snapshot.driver()),
                                        null));
    }

    /**
     * Where a driver's service is; empty if it has none, or if the cluster knows of no such thing.
     */
    public static Optional<MetadataService> service(ClusterApi api, String driver)
            throws IOException {
        Optional<GenericKubernetesResource> found = api.get(Kind.METADATA_SERVICE, "", driver);
        if (found.isEmpty()) {
            found = api.get(Kind.OLD_METADATA_SERVICE, "", driver);
        }
        if (found.isEmpty()) {
            return Optional.empty();
        }
        GenericKubernetesResource object = found.get();
        String name = Kind.METADATA_SERVICE.text(object);
        return Optional.of(
                new MetadataService(
                        driver,
                        field(object, name, "address"),
                        field(object, name, "audience"),
                        pem(field(object, name, "caCert"), name)));
    }

    private static String pem(String encoded, String name) throws TrackingException {
        try {
            return new String(Base64.getDecoder().decode(encoded), StandardCharsets.US_ASCII);
        } catch (IllegalArgumentException e) {
            throw new TrackingException(
                    TrackingException.Kind.FAILED, name + ": its caCert is not Base64", e);
        }
    }

    private static String field(GenericKubernetesResource object, String name, String field)
            throws TrackingException {
        return Fields.text(object, "spec", field)
                .orElseThrow(
                        () ->
                                new TrackingException(
                                        TrackingException.Kind.FAILED,
                                        "%s has no %s".formatted(name, field),
                                        null));
    }

    /**
     * The sidecar dies of a VolumeSnapshot without a status, and every stream of others with it.
     */
    private void checkSnapshot() throws IOException {
        Optional<SnapshotObject> found =
                api.get(Kind.SNAPSHOT, snapshot.namespace(), snapshot.name())
                        .map(SnapshotObject::new);
        Optional<ContentObject> content =
                api.get(Kind.CONTENT, "", snapshot.content()).map(ContentObject::new);
        boolean usable =
                found.isPresent()
                        && !found.get().isDeleting()
                        && content.isPresent()
                        && SnapshotPair.isUsable(found.get(), content.get());
        if (!usable) {
            throw new TrackingException(
                    TrackingException.Kind.FAILED,
                    "VolumeSnapshot %s/%s is gone, or not ready any more"
                            .formatted(snapshot.namespace(), snapshot.name()),
                    null);
        }
    }

    @Override
    public SecurityToken token(MetadataService service) throws IOException {
        try {
            TokenRequests.Token token = new TokenRequests(api).request(service.audience());
            return new SecurityToken(token.value(), token.expiresAt());
        } catch (ClusterUsageException e) {
            throw new TrackingException(
                    TrackingException.Kind.DENIED, String.valueOf(e.getMessage()), e);
        }
    }
}
