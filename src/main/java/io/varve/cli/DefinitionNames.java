package io.varve.cli;

import io.varve.job.cluster.ClaimName;
import io.varve.job.definition.Definition;
import io.varve.job.definition.DefinitionFile;
import io.varve.job.definition.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Definitions and claims as they are named on the command line. */
final class DefinitionNames {

    /** Where launchers' pods have theirs. */
    private static final Path IN_PODS = Path.of("/etc/varve/definitions");

    private DefinitionNames() {}

    /**
     * Definitions that movers can be started for.
     *
     * @param names files, or names of those in this pod
     * @throws UsageException with all that is wrong with one of them
     */
    static List<Definition> read(List<String> names) throws IOException {
        List<Definition> definitions = new ArrayList<>();
        for (DefinitionFile file : files(names)) {
            if (!file.problems().isEmpty()) {
                throw new UsageException(
                        "definition %s cannot be run: %s"
                                .formatted(
                                        file.path(),
                                        String.join(
                                                "; ",
                                                file.problems().stream()
                                                        .map(Problem::toString)
                                                        .toList())));
            }
            Definition definition = file.definition().orElseThrow();
            if (definition.image().isEmpty()) {
                throw new UsageException(
                        "definition %s names no image, and movers need one".formatted(file.path()));
            }
            definitions.add(definition);
        }
        return definitions;
    }

    /**
     * The definition that a run of a claim is of.
     *
     * @param file that holds it; if empty it has to be in this pod
     * @throws UsageException if it is not there, or another one
     */
    static Definition ofRun(Optional<String> file, String name, String cluster, String claim)
            throws IOException {
        if (file.isEmpty() && !isInPod(name)) {
            throw new UsageException(
                    "that run is of claim %s and definition %s; name the definition's file with --definition FILE to go on with it"
                            .formatted(claim, name));
        }
        Definition definition = read(List.of(file.orElse(name))).getFirst();
        if (!definition.name().equals(name) || !definition.cluster().equals(cluster)) {
            throw new UsageException(
                    "that run is of definition %s in cluster %s; %s is definition %s in cluster %s"
                            .formatted(
                                    name,
                                    cluster,
                                    file.orElse("the one in this pod"),
                                    definition.name(),
                                    definition.cluster()));
        }
        return definition;
    }

    /** Whether this pod has a definition of this name. */
    private static boolean isInPod(String name) {
        return !name.contains("/") && Files.isRegularFile(inPod(name));
    }

    private static Path inPod(String name) {
        return IN_PODS.resolve(name + ".yaml");
    }

    private static List<DefinitionFile> files(List<String> names) throws IOException {
        List<Path> paths = new ArrayList<>();
        for (String name : names) {
            paths.add(isInPod(name) ? inPod(name) : Path.of(name));
        }
        try {
            return DefinitionFile.readAll(paths);
        } catch (IOException e) {
            throw new UsageException(
                    "definitions cannot be read: %s".formatted(Failure.describe(e)), e);
        }
    }

    /**
     * @param option that names it, as {@code NAMESPACE/NAME}
     */
    static ClaimName claim(String option, String text) throws UsageException {
        try {
            return ClaimName.parse(text);
        } catch (IllegalArgumentException e) {
            throw new UsageException(option + ": " + e.getMessage(), e);
        }
    }
}
