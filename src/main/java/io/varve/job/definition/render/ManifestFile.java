package io.varve.job.definition.render;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;

/**
 * A file of rendered manifests.
 *
 * @param name of the file, without a folder
 * @param source name of the definition's file that it was rendered from
 * @param documents trees of maps, lists and scalars
 */
public record ManifestFile(String name, String source, List<Object> documents) {

    /** {@code kind name} of each object, in the order of the file. */
    public List<String> objects() {
        return documents.stream()
                .map(document -> (Map<?, ?>) document)
                .map(
                        object ->
                                object.get("kind")
                                        + " "
                                        + (object.get("metadata") instanceof Map<?, ?> metadata
                                                ? metadata.get("name")
                                                : ""))
                .toList();
    }

    /** The file's content: the same documents give the same text. */
    public String text() {
        return "# Rendered by `varve definition render` from %s. Change that, and render again.\n"
                        .formatted(source)
                + yaml(documents);
    }

    static String yaml(List<Object> documents) {
        Yaml yaml = new Yaml(new Scalars(options()), options());
        return documents.stream().map(yaml::dump).collect(Collectors.joining("---\n"));
    }

    private static DumperOptions options() {
        DumperOptions options = new DumperOptions();
        options.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
        options.setLineBreak(DumperOptions.LineBreak.UNIX);
        options.setSplitLines(false);
        options.setIndicatorIndent(2);
        options.setIndentWithIndicator(true);
        return options;
    }

    /** Quotes what other readers of YAML take for a number or a truth value. */
    private static final class Scalars extends Representer {

        private static final Pattern AMBIGUOUS = Pattern.compile("[-+.]?[0-9].*|[yYnN]");

        Scalars(DumperOptions options) {
            super(options);
        }

        @Override
        protected Node representScalar(Tag tag, String value, ScalarStyle style) {
            boolean quoted = tag.equals(Tag.STR) && AMBIGUOUS.matcher(value).matches();
            return super.representScalar(tag, value, quoted ? ScalarStyle.SINGLE_QUOTED : style);
        }
    }
}
