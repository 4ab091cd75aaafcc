package io.varve.job.definition;

import java.io.Reader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A YAML document as JSON, which remembers where each value stood. */
final class YamlTree {

    private static final JsonMapper JSON = JsonMapper.shared();

    /** Aliases can make a small file endless, or as good as endless. */
    private static final int MOST_NODES = 100_000;

    private static final int DEEPEST = 64;

    private final String file;
    private final List<Problem> problems;
    private final Map<String, Mark> places = new HashMap<>();
    private final Scalars scalars = new Scalars();
    private int nodes;

    private YamlTree(String file, List<Problem> problems) {
        this.file = file;
        this.problems = problems;
    }

    /** Gives plain scalars their types, by the rules of YAML 1.1 that the cluster's tools use. */
    private static final class Scalars extends SafeConstructor {
        Scalars() {
            super(new LoaderOptions());
        }

        Object value(ScalarNode node) {
            return constructObject(node);
        }
    }

    /** What was read, and where. */
    record Parsed(JsonNode json, YamlTree tree) {}

    /**
     * Reads one document; what is no YAML, and keys that come twice, are problems.
     *
     * @param file named in problems
     */
    static Parsed read(String file, Reader text, List<Problem> problems) {
        YamlTree tree = new YamlTree(file, problems);
        try {
            Node root = new Yaml(new LoaderOptions()).compose(text);
            if (root == null) {
                problems.add(new Problem(file, 1, 1, "", "the file is empty"));
                return new Parsed(JSON.createObjectNode(), tree);
            }
            return new Parsed(tree.convert(root, "", 0), tree);
        } catch (MarkedYAMLException e) {
            Mark mark = e.getProblemMark();
            problems.add(
                    new Problem(
                            file,
                            mark == null ? 1 : mark.getLine() + 1,
                            mark == null ? 1 : mark.getColumn() + 1,
                            "",
                            "no valid YAML: " + e.getProblem()));
            return new Parsed(JSON.createObjectNode(), tree);
        } catch (YAMLException | NumberFormatException e) {
            problems.add(new Problem(file, 1, 1, "", "no valid YAML: " + e.getMessage()));
            return new Parsed(JSON.createObjectNode(), tree);
        }
    }

    private JsonNode convert(Node node, String pointer, int depth) {
        nodes++;
        if (depth > DEEPEST || nodes > MOST_NODES) {
            throw new YAMLException(
                    "more than %d values, or more than %d of them within each other; does an alias hold itself?"
                            .formatted(MOST_NODES, DEEPEST));
        }
        places.put(pointer, node.getStartMark());
        return switch (node) {
            case MappingNode mapping -> convertMapping(mapping, pointer, depth);
            case SequenceNode sequence -> {
                ArrayNode array = JSON.createArrayNode();
                for (Node element : sequence.getValue()) {
                    array.add(convert(element, pointer + "/" + array.size(), depth + 1));
                }
                yield array;
            }
            case ScalarNode scalar -> JSON.valueToTree(scalars.value(scalar));
            default -> JSON.nullNode();
        };
    }

    private ObjectNode convertMapping(MappingNode mapping, String pointer, int depth) {
        ObjectNode object = JSON.createObjectNode();
        for (NodeTuple entry : mapping.getValue()) {
            String key = entry.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "?";
            String child = pointer + "/" + escape(key);
            if (object.has(key)) {
                places.put(child, entry.getKeyNode().getStartMark());
                problems.add(at(child, "comes twice"));
            }
            object.set(key, convert(entry.getValueNode(), child, depth + 1));
            places.put(child, entry.getKeyNode().getStartMark());
        }
        return object;
    }

    private static String escape(String key) {
        return key.replace("~", "~0").replace("/", "~1");
    }

    /**
     * A problem with the value at a place, or with what holds it where it does not exist.
     *
     * @param pointer JSON pointer, such as {@code /volumes/0}
     */
    Problem at(String pointer, String message) {
        String place = pointer;
        while (!places.containsKey(place) && !place.isEmpty()) {
            place = place.substring(0, place.lastIndexOf('/'));
        }
        Mark mark = places.get(place);
        return new Problem(
                file,
                mark == null ? 1 : mark.getLine() + 1,
                mark == null ? 1 : mark.getColumn() + 1,
                field(pointer),
                message);
    }

    private static String field(String pointer) {
        List<String> parts = new ArrayList<>(List.of(pointer.split("/")));
        StringBuilder path = new StringBuilder();
        for (String part : parts) {
            String name = part.replace("~1", "/").replace("~0", "~");
            if (name.matches("[0-9]+")) {
                path.append('[').append(name).append(']');
            } else if (!name.isEmpty()) {
                path.append(path.isEmpty() ? "" : ".").append(name);
            }
        }
        return path.toString();
    }
}
