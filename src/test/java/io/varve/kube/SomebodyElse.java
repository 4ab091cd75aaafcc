package io.varve.kube;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.varve.cluster.Waiting;
import io.varve.kube.api.Kind;
import io.varve.kube.snapshot.TakenSnapshot;
import java.io.IOException;
import java.util.Optional;

/** Does to a run's snapshot what a person with all rights can. */
public record SomebodyElse(BackupCluster cluster) {

    /** Makes a content of their own for the same snapshot of the storage. */
    public HasMetadata imports(TakenSnapshot taken) {
        return cluster.make(
                """
                {apiVersion: snapshot.storage.k8s.io/v1, kind: VolumeSnapshotContent, metadata: {name: imported-%s},
                 spec: {deletionPolicy: Retain, driver: %s, source: {snapshotHandle: %s},
                        volumeSnapshotRef: {namespace: default, name: imported}}}
                """
                        .formatted(taken.name(), taken.driver(), taken.handle()));
    }

    /** Removes its objects, in a way that leaves the storage its snapshot. */
    public void forgets(TakenSnapshot taken) throws IOException {
        GenericKubernetesResource content =
                cluster.api().get(Kind.CONTENT, "", taken.content()).orElseThrow();
        cluster.admin()
                .resource(content)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "---\n{spec: {deletionPolicy: Retain}}");
        cluster.admin()
                .resource(
                        cluster.api()
                                .get(Kind.SNAPSHOT, taken.namespace(), taken.name())
                                .orElseThrow())
                .delete();
        cluster.admin().resource(content).delete();
        Waiting.until(
                "the objects to go",
                () ->
                        cluster.api().get(Kind.CONTENT, "", taken.content()).isEmpty()
                                ? Optional.of(taken)
                                : Optional.empty());
    }
}
