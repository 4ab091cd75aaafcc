package io.varve.job.definition.render;

import io.varve.job.definition.Definition;
import io.varve.job.definition.StoreKeys;
import io.varve.job.definition.VolumeSelection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A Job that restores one backup into a claim, with what it may do where the definition has no
 * claims.
 *
 * @param name of the Job
 * @param namespace of the claim
 * @param arguments of the program
 * @param createNamespace make the claim's namespace: a right can be given only in one that is there
 */
public record RestoreManifest(
        Definition definition,
        String name,
        String namespace,
        List<String> arguments,
        boolean createNamespace) {

    private static final Template JOB = Template.read("restore.yaml");

    /** YAML, to be applied as it is, by somebody who may give rights. */
    public String text() {
        return "# Rendered by `varve restore render`. The ConfigMap and the ServiceAccounts are those of definition %s.\n%s"
                .formatted(definition.name(), ManifestFile.yaml(documents()));
    }

    private List<Object> documents() {
        List<Object> documents = new ArrayList<>();
        Map<String, Object> values = new HashMap<>();
        values.put("namespace", definition.namespace());
        values.put("name", name);
        values.put("labels", labels());
        if (createNamespace) {
            documents.add(
                    Map.of(
                            "apiVersion",
                            "v1",
                            "kind",
                            "Namespace",
                            "metadata",
                            Map.of("name", namespace)));
        }
        // The definition's own bindings went with a namespace that is to be made.
        if (createNamespace || !isSelected()) {
            documents.addAll(AccessTrees.ofTarget(definition, namespace, values));
        }
        values.put(
                "pod",
                new LauncherPod(definition)
                        .spec(
                                LauncherPod.RESTORE,
                                arguments,
                                Optional.of("varve-definition-" + definition.name())));
        documents.addAll(JOB.fill(values));
        return documents;
    }

    /** As its launchers have them: the same NetworkPolicies hold. */
    private Map<String, String> labels() {
        Map<String, String> labels = new LinkedHashMap<>(CronJobFiles.labels("launcher"));
        labels.put("varve.io/definition", definition.name());
        labels.putAll(StoreKeys.podLabels(definition.repository()));
        return labels;
    }

    /** Whether the definition's own bindings are enough. */
    private boolean isSelected() {
        return definition.volumes().stream()
                .map(VolumeSelection::namespaces)
                .anyMatch(names -> names.isEmpty() || names.contains(namespace));
    }
}
