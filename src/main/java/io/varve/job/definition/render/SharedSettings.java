package io.varve.job.definition.render;

import io.varve.job.definition.Definition;
import io.varve.job.definition.Definition.Launcher;
import io.varve.job.definition.DefinitionFile;
import io.varve.job.definition.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What several definitions have in common because one pod works for all of them: a namespace's
 * exporter, and the sweep of a repository. Which of them it would follow must not be chance.
 */
final class SharedSettings {

    private final List<DefinitionFile> files;

    SharedSettings(List<DefinitionFile> files) {
        this.files = files.stream().filter(file -> file.definition().isPresent()).toList();
    }

    /** One for each field in which a definition differs from an earlier one that shares a pod. */
    List<Problem> problems() {
        List<Problem> problems = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            problems.addAll(problems(files.get(i), files.subList(0, i)));
        }
        return problems;
    }

    private static List<Problem> problems(DefinitionFile file, List<DefinitionFile> before) {
        Map<String, Problem> byField = new LinkedHashMap<>();
        for (DefinitionFile other : before) {
            shared(file.definition().orElseThrow(), other.definition().orElseThrow())
                    .forEach(
                            (field, pod) ->
                                    byField.putIfAbsent(field, problem(file, field, other, pod)));
        }
        return List.copyOf(byField.values());
    }

    private static Problem problem(
            DefinitionFile file, String field, DefinitionFile other, String pod) {
        return RenderChecks.at(
                file,
                field,
                "is another one than that of %s; both share %s, so make them the same, or give each definition a namespace of its own"
                        .formatted(other.path(), pod));
    }

    /** Fields that differ, with the pod that has room for one value. */
    private static Map<String, String> shared(Definition one, Definition other) {
        Map<String, String> differing = new LinkedHashMap<>();
        if (!one.namespace().equals(other.namespace())) {
            return differing;
        }
        addDiffering(differing, "the ServiceAccounts", accounts(one), accounts(other));
        String name = CronJobFiles.sweepName(one);
        if (name.equals(CronJobFiles.sweepName(other))) {
            String pod = "the CronJob %s".formatted(name);
            addDiffering(differing, pod, sweep(one), sweep(other));
        }
        if (one.exporter() && other.exporter()) {
            addDiffering(differing, "the Deployment varve-exporter", pod(one), pod(other));
        }
        return differing;
    }

    private static void addDiffering(
            Map<String, String> differing,
            String pod,
            Map<String, Object> one,
            Map<String, Object> other) {
        one.forEach(
                (field, value) -> {
                    if (!Objects.equals(value, other.get(field))) {
                        differing.putIfAbsent(field, pod);
                    }
                });
    }

    private static Map<String, Object> accounts(Definition definition) {
        return Map.of(
                "repository.accountAnnotations", definition.repository().accountAnnotations());
    }

    private static Map<String, Object> pod(Definition definition) {
        Launcher launcher = definition.launcher();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("image", definition.image());
        fields.put("launcher.nodeSelector", launcher.nodeSelector());
        fields.put("launcher.tolerations", launcher.tolerations());
        fields.put("launcher.imagePullSecrets", launcher.imagePullSecrets());
        fields.put("mover.authorities", definition.mover().authorities());
        return fields;
    }

    private static Map<String, Object> sweep(Definition definition) {
        Map<String, Object> fields = pod(definition);
        fields.put("launcher.resources", definition.launcher().resources());
        fields.put("repository.password", definition.repository().password());
        fields.put("repository.claim", definition.repository().claim());
        fields.put("repository.credentials", definition.repository().credentials());
        fields.put("mover.runAs", LauncherPod.user(definition));
        return fields;
    }
}
