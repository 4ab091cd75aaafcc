package io.varve.job.definition;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a file of a definition says.
 *
 * @param definition present exactly if there are no problems
 * @param problems in the order of the file
 * @param warnings what is allowed and probably not meant
 */
public record DefinitionFile(
        Path path,
        Optional<Definition> definition,
        List<Problem> problems,
        List<Problem> warnings) {

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .build();

    /**
     * Reads and checks a file.
     *
     * @throws NoSuchFileException if there is none
     */
    public static DefinitionFile read(Path path) throws IOException {
        List<Problem> problems = new ArrayList<>();
        List<Problem> warnings = new ArrayList<>();
        DefinitionSchema schema = new DefinitionSchema();
        YamlTree.Parsed document;
        try (Reader text = Files.newBufferedReader(path)) {
            document = YamlTree.read(path.toString(), text, problems);
        }
        if (problems.isEmpty()) {
            problems.addAll(schema.check(document));
        }
        Optional<Definition> definition = Optional.empty();
        if (problems.isEmpty() && document.json() instanceof ObjectNode object) {
            schema.complete(object);
            Definition read = JSON.treeToValue(object, Definition.class);
            DefinitionChecks.check(read, document.tree(), problems, warnings);
            definition = problems.isEmpty() ? Optional.of(read) : Optional.empty();
        }
        return new DefinitionFile(path, definition, inOrder(problems), inOrder(warnings));
    }

    /**
     * Reads many files, which must be of different names.
     *
     * @throws NoSuchFileException if one is not there
     */
    public static List<DefinitionFile> readAll(List<Path> paths) throws IOException {
        List<DefinitionFile> files = new ArrayList<>();
        for (Path path : paths) {
            DefinitionFile file = read(path);
            Optional<DefinitionFile> same =
                    files.stream().filter(other -> other.isNamesake(file)).findFirst();
            files.add(same.isEmpty() ? file : file.refused(same.get()));
        }
        return files;
    }

    private boolean isNamesake(DefinitionFile other) {
        return definition.isPresent()
                && other.definition.isPresent()
                && definition.get().name().equals(other.definition.get().name());
    }

    private DefinitionFile refused(DefinitionFile first) {
        Problem twice =
                new Problem(
                        path.toString(),
                        1,
                        1,
                        "name",
                        "'%s' is the name of %s too; each definition needs one of its own"
                                .formatted(definition.orElseThrow().name(), first.path()));
        return new DefinitionFile(path, Optional.empty(), List.of(twice), warnings);
    }

    private static List<Problem> inOrder(List<Problem> problems) {
        return problems.stream()
                .sorted(
                        Comparator.comparingInt(Problem::line)
                                .thenComparingInt(Problem::column)
                                .thenComparing(Problem::field))
                .distinct()
                .toList();
    }
}
