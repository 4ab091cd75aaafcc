package io.varve.kube.mover;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachment;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.Kind;
import io.varve.kube.api.RunObjects;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The PersistentVolume behind a temporary claim, and where it is attached. */
public final class TemporaryVolume {

    /** Phases of a volume without its claim. */
    private static final Set<String> UNUSED = Set.of("Released", "Failed");

    private TemporaryVolume() {}

    /** Found by the claim that it refers to, so also when that is gone. Mostly one, or none yet. */
    static List<PersistentVolume> of(ClusterApi api, RunObjects objects) throws IOException {
        return api.list(Kind.VOLUME, "", "").stream()
                .filter(
                        volume ->
                                volume.getSpec().getClaimRef() != null
                                        && api.namespace()
                                                .equals(
                                                        volume.getSpec()
                                                                .getClaimRef()
                                                                .getNamespace())
                                        && objects.name()
                                                .equals(volume.getSpec().getClaimRef().getName()))
                .toList();
    }

    /** Those of all runs whose claim is gone. */
    static List<PersistentVolume> released(ClusterApi api) throws IOException {
        return api.list(Kind.VOLUME, "", "").stream()
                .filter(volume -> volume.getSpec().getClaimRef() != null)
                .filter(
                        volume ->
                                api.namespace()
                                                .equals(
                                                        volume.getSpec()
                                                                .getClaimRef()
                                                                .getNamespace())
                                        && RunObjects.isName(
                                                volume.getSpec().getClaimRef().getName())
                                        && volume.getStatus() != null
                                        && UNUSED.contains(
                                                String.valueOf(volume.getStatus().getPhase())))
                .toList();
    }

    public static List<VolumeAttachment> attachments(ClusterApi api, List<PersistentVolume> volumes)
            throws IOException {
        if (volumes.isEmpty()) {
            return List.of();
        }
        Set<String> names =
                volumes.stream()
                        .map(volume -> volume.getMetadata().getName())
                        .collect(Collectors.toSet());
        return api.list(Kind.ATTACHMENT, "", "").stream()
                .filter(
                        attachment ->
                                names.contains(
                                        String.valueOf(
                                                attachment
                                                        .getSpec()
                                                        .getSource()
                                                        .getPersistentVolumeName())))
                .toList();
    }
}
