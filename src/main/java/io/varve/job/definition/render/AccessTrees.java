package io.varve.job.definition.render;

import io.varve.job.definition.Definition;
import io.varve.job.definition.Definition.StorageClass;
import io.varve.job.definition.VolumeSelection;
import io.varve.kube.AccessRule;
import io.varve.kube.AccessRule.Scope;
import io.varve.kube.BackupAccess;
import io.varve.kube.RestoreAccess;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Rules and bindings of the cluster's access control. */
final class AccessTrees {

    private static final Template CLAIMS = Template.read("claims.yaml");
    private static final Template TARGET = Template.read("target.yaml");
    private static final Template COPIES = Template.read("copies.yaml");

    /** These have rules of their own in the template, each for one account. */
    private static final String TOKEN = "serviceaccounts/token";

    private AccessTrees() {}

    /** The rules that {@code access.yaml} has places for. */
    static Map<String, Object> rules() {
        List<AccessRule> shared =
                BackupAccess.RULES.stream().filter(RestoreAccess::shared).toList();
        return Map.of(
                "ownRules", rules(shared, Scope.OWN),
                "clusterRules", rules(shared, Scope.CLUSTER),
                "defaultRules", rules(shared, Scope.DEFAULT),
                "backupRules", rules(List.of(BackupAccess.RETAIN), Scope.OWN),
                "sourceRules", rules(BackupAccess.RULES, Scope.SOURCE),
                "restoreRules", rules(RestoreAccess.RULES, Scope.CLUSTER),
                "targetRules", rules(RestoreAccess.RULES, Scope.SOURCE));
    }

    private static List<Object> rules(List<AccessRule> rules, Scope scope) {
        return rules.stream()
                .filter(rule -> rule.scope() == scope && !rule.resource().equals(TOKEN))
                .map(rule -> tree(rule, List.of()))
                .toList();
    }

    private static Object tree(AccessRule rule, List<String> names) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("apiGroups", List.of(rule.group()));
        tree.put("resources", List.of(rule.resource()));
        if (!names.isEmpty()) {
            tree.put("resourceNames", names);
        }
        tree.put("verbs", rule.verbs());
        return tree;
    }

    /**
     * What a definition's launchers may do where its claims are.
     *
     * @param values for {@code namespace}, {@code name}, {@code labels}
     */
    static List<Object> ofClaims(Definition definition, Map<String, Object> values) {
        List<String> accounts = List.of(LauncherPod.BACKUP, LauncherPod.RESTORE);
        List<Object> documents = new ArrayList<>();
        for (Optional<String> namespace : namespaces(definition)) {
            Map<String, Object> here = in(namespace, values);
            documents.addAll(CLAIMS.fill(here));
            documents.addAll(copies("copied", copiedRules(definition), accounts, here));
        }
        if (!copiedRules(definition).isEmpty()) {
            documents.addAll(
                    copies(
                            "copies",
                            rules(BackupAccess.COPY_RULES, Scope.OWN),
                            accounts,
                            in(Optional.of(definition.namespace()), values)));
        }
        return documents;
    }

    /**
     * What a restore may do in a claim's namespace where the definition has none.
     *
     * @param values for {@code namespace}, {@code labels}
     */
    static List<Object> ofTarget(
            Definition definition, String namespace, Map<String, Object> values) {
        Map<String, Object> here = in(Optional.of(namespace), values);
        here.put("name", "restore:" + definition.name());
        List<Object> documents = new ArrayList<>(TARGET.fill(here));
        documents.addAll(
                copies("copied", copiedRules(definition), List.of(LauncherPod.RESTORE), here));
        return documents;
    }

    private static List<Object> copies(
            String purpose, List<Object> rules, List<String> accounts, Map<String, Object> values) {
        if (rules.isEmpty()) {
            return List.of();
        }
        Map<String, Object> here = new HashMap<>(values);
        here.put("purpose", purpose);
        here.put("rules", rules);
        here.put(
                "subjects",
                accounts.stream()
                        .map(account -> subject(String.valueOf(here.get("namespace")), account))
                        .toList());
        return COPIES.fill(here);
    }

    private static Map<String, Object> subject(String namespace, String account) {
        Map<String, Object> subject = new LinkedHashMap<>();
        subject.put("kind", "ServiceAccount");
        subject.put("namespace", namespace);
        subject.put("name", account);
        return subject;
    }

    private static Map<String, Object> in(Optional<String> namespace, Map<String, Object> values) {
        Map<String, Object> here = new HashMap<>(values);
        here.put("claims", namespace);
        here.put("scope", namespace.isEmpty() ? "Cluster" : "");
        return here;
    }

    /** Those that are listed; a single absent one if any claim of the cluster may be meant. */
    private static List<Optional<String>> namespaces(Definition definition) {
        boolean all =
                definition.volumes().stream()
                        .anyMatch(selection -> selection.namespaces().isEmpty());
        return all
                ? List.of(Optional.empty())
                : definition.volumes().stream()
                        .map(VolumeSelection::namespaces)
                        .flatMap(List::stream)
                        .collect(Collectors.toCollection(TreeSet::new))
                        .stream()
                        .map(Optional::of)
                        .toList();
    }

    /** A Secret is readable by its name alone. */
    private static List<Object> copiedRules(Definition definition) {
        Map<String, List<String>> names =
                Map.of(
                        "secrets", names(definition, StorageClass::copySecrets),
                        "configmaps", names(definition, StorageClass::copyConfigMaps));
        return BackupAccess.COPY_RULES.stream()
                .filter(rule -> rule.scope() == Scope.SOURCE)
                .filter(rule -> !names.getOrDefault(rule.resource(), List.of()).isEmpty())
                .map(rule -> tree(rule, names.getOrDefault(rule.resource(), List.of())))
                .toList();
    }

    private static List<String> names(
            Definition definition, Function<StorageClass, List<String>> kind) {
        return definition.storageClasses().values().stream()
                .map(kind)
                .flatMap(List::stream)
                .distinct()
                .sorted()
                .toList();
    }
}
