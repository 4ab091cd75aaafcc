package io.varve.app;

import io.varve.cli.UsageException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/** Reads {@code application.yaml} without Spring, which most commands do not need. */
final class ApplicationFile {

    static final String NAME = "application.yaml";

    private ApplicationFile() {}

    /**
     * The file's values under flat keys such as {@code varve.repository}; none if there is no file.
     *
     * @throws UsageException if it is no YAML
     */
    static Map<String, String> read(Path file) throws IOException {
        Map<String, String> values = new LinkedHashMap<>();
        if (!Files.isRegularFile(file)) {
            return values;
        }
        try (Reader text = Files.newBufferedReader(file)) {
            for (Object document :
                    new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(text)) {
                flatten("", document, values);
            }
        } catch (YAMLException e) {
            throw new UsageException("%s is not valid YAML: %s".formatted(file, e.getMessage()));
        }
        return values;
    }

    private static void flatten(String key, Object node, Map<String, String> values) {
        if (node instanceof Map<?, ?> children) {
            children.forEach(
                    (name, child) -> {
                        if (child != null) {
                            flatten(key.isEmpty() ? "" + name : key + "." + name, child, values);
                        }
                    });
        } else if (node != null && !key.isEmpty()) {
            values.put(key, node.toString());
        }
    }
}
