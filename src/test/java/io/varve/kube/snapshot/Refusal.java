package io.varve.kube.snapshot;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.varve.cluster.Waiting;
import io.varve.kube.BackupCluster;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Keeps everybody, the snapshot-controller too, from some changes of a cluster's VolumeSnapshots
 * and contents, until it is closed: an admission policy, as clusters have them.
 */
record Refusal(BackupCluster cluster, List<HasMetadata> objects) implements AutoCloseable {

    /** It is in force once no content of this name can be made. */
    private static final String PROBE = "refusal-probe";

    /**
     * Refuses new contents, and changes of one resource more. Returns once it is in force.
     *
     * @param unless in CEL: what is let through all the same
     */
    static Refusal of(BackupCluster cluster, String unless, String operation, String resource)
            throws IOException {
        String name = "refusal-of-" + cluster.driver();
        String rule =
                "{apiGroups: [snapshot.storage.k8s.io], apiVersions: [v1], operations: [%s], resources: [%s]}";
        HasMetadata policy =
                cluster.make(
                        """
                        {apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicy, metadata: {name: %s},
                         spec: {matchConstraints: {resourceRules: [%s, %s]},
                           matchConditions: [{name: ours, expression:
                             "has(object.spec.driver) ? object.spec.driver == '%s' : object.metadata.namespace == '%s'"}],
                           validations: [{expression: "object.metadata.name != '%s' && (%s)", message: %s}]}}
                        """
                                .formatted(
                                        name,
                                        rule.formatted("CREATE", "volumesnapshotcontents"),
                                        rule.formatted(operation, resource),
                                        cluster.driver(),
                                        cluster.tenant(),
                                        PROBE,
                                        unless,
                                        name));
        HasMetadata binding =
                cluster.make(
                        """
                        {apiVersion: admissionregistration.k8s.io/v1, kind: ValidatingAdmissionPolicyBinding, metadata: {name: %s},
                         spec: {policyName: %s, validationActions: [Deny]}}
                        """
                                .formatted(name, name));
        Refusal refusal = new Refusal(cluster, List.of(binding, policy));
        Waiting.until("the policy to be in force", refusal::refused);
        return refusal;
    }

    /** What it says to whoever it refuses. */
    String words() {
        return objects.getLast().getMetadata().getName();
    }

    private Optional<String> refused() {
        GenericKubernetesResource content =
                Serialization.unmarshal(
                        """
                        ---
                        {apiVersion: snapshot.storage.k8s.io/v1, kind: VolumeSnapshotContent, metadata: {name: %s},
                         spec: {deletionPolicy: Retain, driver: %s, source: {snapshotHandle: none},
                                volumeSnapshotRef: {namespace: default, name: none}}}
                        """
                                .formatted(PROBE, cluster.driver()),
                        GenericKubernetesResource.class);
        try {
            cluster.admin().resource(content).dryRun().create();
            return Optional.empty();
        } catch (KubernetesClientException e) {
            return Optional.ofNullable(e.getMessage()).filter(text -> text.contains(words()));
        }
    }

    /** Returns once it holds no more. */
    @Override
    public void close() throws IOException {
        objects.forEach(object -> cluster.admin().resource(object).delete());
        Waiting.until(
                "the policy to be gone",
                () -> refused().isEmpty() ? Optional.of(objects) : Optional.empty());
    }
}
