package io.varve.job.definition.render;

import io.varve.job.definition.Definition;
import io.varve.job.definition.DefinitionFile;
import io.varve.job.definition.Problem;
import io.varve.job.definition.StoreKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The manifests of definitions: a file for each, and for each of Varve's namespaces those that its
 * definitions share.
 *
 * <p>Names of shared files have a dot in them, which definitions' names have not.
 */
public final class CronJobFiles {

    private static final Template NAMESPACE = Template.read("namespace.yaml");
    private static final Template ACCESS = Template.read("access.yaml");
    private static final Template DEFINITION = Template.read("definition.yaml");
    private static final Template SWEEP = Template.read("sweep.yaml");
    private static final Template EXPORTER = Template.read("exporter.yaml");

    private static final String NAME = "app.kubernetes.io/name";
    private static final String PREFIX = "varve-";
    private static final String COMPONENT = "app.kubernetes.io/component";

    /**
     * By name, so that what is shared is written once. Whose it is makes no difference: {@link
     * SharedSettings} has seen to that.
     */
    private final Map<String, ManifestFile> files = new TreeMap<>();

    private CronJobFiles() {}

    /**
     * Renders definitions without problems.
     *
     * @throws IllegalArgumentException if {@link RenderChecks} finds one
     */
    public static List<ManifestFile> render(List<DefinitionFile> definitions) throws IOException {
        List<Problem> problems = RenderChecks.problems(definitions);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(problems.getFirst().toString());
        }
        CronJobFiles rendered = new CronJobFiles();
        for (DefinitionFile file : definitions) {
            rendered.add(file.path(), file.definition().orElseThrow());
        }
        return List.copyOf(rendered.files.values());
    }

    private void add(Path path, Definition definition) throws IOException {
        String namespace = definition.namespace();
        String source = String.valueOf(path.getFileName());
        add(definition.name() + ".yaml", source, definition, ofDefinition(definition, path));
        add(namespace + ".access.yaml", source, definition, access(definition));
        String sweep = sweepName(definition);
        add(
                "%s.%s.yaml".formatted(namespace, sweep.substring(PREFIX.length())),
                source,
                definition,
                sweep(definition, sweep));
        if (definition.exporter()) {
            add(namespace + ".exporter.yaml", source, definition, exporter(definition));
        }
    }

    private void add(String name, String source, Definition definition, List<Object> documents) {
        List<Object> all =
                new ArrayList<>(NAMESPACE.fill(Map.of("namespace", definition.namespace())));
        all.addAll(documents);
        files.putIfAbsent(name, new ManifestFile(name, source, List.copyOf(all)));
    }

    private static List<Object> ofDefinition(Definition definition, Path path) throws IOException {
        String name = definition.name();
        String file = name + ".yaml";
        List<String> arguments =
                List.of(
                        "backup",
                        "run",
                        LauncherPod.DEFINITIONS + "/" + file,
                        "--warnings-as-success",
                        "--log-format",
                        "json");
        Map<String, Object> values = values(definition, "launcher");
        Map<String, String> labels = new LinkedHashMap<>(labels("launcher"));
        labels.put("varve.io/definition", name);
        labels.putAll(StoreKeys.podLabels(definition.repository()));
        values.put("labels", labels);
        values.put("name", name);
        values.put("text", Files.readString(path));
        values.put(
                "pod",
                new LauncherPod(definition)
                        .spec(
                                LauncherPod.BACKUP,
                                arguments,
                                Optional.of("varve-definition-" + name)));
        definition.schedule().ifPresent(schedule -> values.putAll(values(schedule)));
        List<Object> documents = new ArrayList<>(DEFINITION.fill(values));
        documents.addAll(AccessTrees.ofClaims(definition, values));
        return documents;
    }

    private static Map<String, Object> values(Definition.Schedule schedule) {
        return Map.of(
                "cron", schedule.cron(),
                "timeZone", schedule.timeZone(),
                "suspend", schedule.suspend(),
                "startingDeadline", seconds(schedule.startingDeadline()),
                "successfulJobs", schedule.successfulJobs(),
                "failedJobs", schedule.failedJobs(),
                "keepFinished", seconds(schedule.keepFinished()));
    }

    private static List<Object> access(Definition definition) {
        Map<String, Object> values = new HashMap<>(AccessTrees.rules());
        values.put("namespace", definition.namespace());
        values.put("accountAnnotations", definition.repository().accountAnnotations());
        values.put("labels", labels("access"));
        return ACCESS.fill(values);
    }

    private static List<Object> sweep(Definition definition, String name) {
        List<String> arguments = List.of("sweep", "--warnings-as-success", "--log-format", "json");
        Map<String, Object> values = values(definition, "sweep");
        Map<String, String> labels = labels("sweep");
        labels.putAll(StoreKeys.podLabels(definition.repository()));
        values.put("labels", labels);
        values.put("name", name);
        // It takes back restores, too.
        values.put(
                "pod",
                new LauncherPod(definition).spec(LauncherPod.RESTORE, arguments, Optional.empty()));
        return SWEEP.fill(values);
    }

    private static List<Object> exporter(Definition definition) {
        Map<String, Object> values = values(definition, "exporter");
        values.putAll(new LauncherPod(definition).values());
        return EXPORTER.fill(values);
    }

    private static Map<String, Object> values(Definition definition, String component) {
        Map<String, Object> values =
                new HashMap<>(
                        NetworkTrees.ports(definition.database().url(), definition.repository()));
        values.put("namespace", definition.namespace());
        values.put("labels", labels(component));
        return values;
    }

    /** Others than the marks of what runs make: a sweep passes these objects by. */
    static Map<String, String> labels(String component) {
        Map<String, String> labels = new LinkedHashMap<>();
        labels.put(NAME, "varve");
        labels.put(COMPONENT, component);
        return labels;
    }

    static long seconds(String duration) {
        return Duration.parse("PT" + duration.toUpperCase(Locale.ROOT)).toSeconds();
    }

    /** Of the CronJob that all definitions of one namespace and repository have in common. */
    static String sweepName(Definition definition) {
        return PREFIX + "sweep-" + digest(definition.repository().location());
    }

    /** Eight characters that follow from a text. */
    private static String digest(String text) {
        return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8))
                .toString()
                .substring(0, 8);
    }
}
