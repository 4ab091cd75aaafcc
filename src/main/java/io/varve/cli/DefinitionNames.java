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

    private static List<DefinitionFile> files(List<String> names) throws IOException {
        List<Path> paths = new ArrayList<>();
        for (String name : names) {
            Path inPod = IN_PODS.resolve(name + ".yaml");
            boolean known = !name.contains("/") && Files.isRegularFile(inPod);
            paths.add(known ? inPod : Path.of(name));
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
