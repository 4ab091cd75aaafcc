package io.varve.job.definition.render;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * YAML documents with places for values, such as <code>${name}</code>.
 *
 * <p>Values are put into the parsed tree: no value can change what stands around it. A text that is
 * nothing but a place becomes the value, of whatever type; an element of a list that becomes a list
 * gives its elements to the list around it. What becomes empty is left out.
 */
record Template(List<Object> documents) {

    private static final Pattern PLACE = Pattern.compile("\\$\\{([A-Za-z]+)}");

    /** Reads a resource beside this class. */
    static Template read(String name) {
        try (InputStream in = Template.class.getResourceAsStream(name)) {
            List<Object> documents = new ArrayList<>();
            new Yaml(new SafeConstructor(new LoaderOptions()))
                    .loadAll(Objects.requireNonNull(in, name))
                    .forEach(documents::add);
            return new Template(List.copyOf(documents));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The documents with their values.
     *
     * @throws IllegalArgumentException if a place has no value
     */
    List<Object> fill(Map<String, ?> values) {
        return documents.stream().map(document -> filled(document, values)).toList();
    }

    private static Object filled(Object node, Map<String, ?> values) {
        return switch (node) {
            case Map<?, ?> map -> filledMap(map, values);
            case List<?> list -> filledList(list, values);
            case String text -> filledText(text, values);
            default -> node;
        };
    }

    private static Map<String, Object> filledMap(Map<?, ?> map, Map<String, ?> values) {
        Map<String, Object> filled = new LinkedHashMap<>();
        map.forEach(
                (key, child) -> {
                    Object value = filled(Objects.requireNonNull(child), values);
                    if (!isPlace(child) || !isEmpty(value)) {
                        filled.put(String.valueOf(filledText(String.valueOf(key), values)), value);
                    }
                });
        return filled;
    }

    private static List<Object> filledList(List<?> list, Map<String, ?> values) {
        List<Object> filled = new ArrayList<>();
        for (Object child : list) {
            Object value = filled(child, values);
            if (isPlace(child) && value instanceof List<?> several) {
                filled.addAll(several);
            } else if (!isPlace(child) || !isEmpty(value)) {
                filled.add(value);
            }
        }
        return filled;
    }

    private static Object filledText(String text, Map<String, ?> values) {
        Matcher place = PLACE.matcher(text);
        if (place.matches()) {
            return copied(valueOf(place.group(1), values));
        }
        return place.replaceAll(
                found -> Matcher.quoteReplacement(String.valueOf(valueOf(found.group(1), values))));
    }

    private static Object valueOf(String name, Map<String, ?> values) {
        Object value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException("no value for ${%s}".formatted(name));
        }
        return value;
    }

    /** Each place has a tree of its own: YAML would print the second one as a reference. */
    private static Object copied(Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                Map<String, Object> copy = new LinkedHashMap<>();
                map.forEach(
                        (key, child) ->
                                copy.put(
                                        String.valueOf(key),
                                        copied(Objects.requireNonNull(child))));
                yield copy;
            }
            case Collection<?> elements -> elements.stream().map(Template::copied).toList();
            case Optional<?> present when present.isPresent() -> copied(present.get());
            default -> value;
        };
    }

    private static boolean isPlace(Object node) {
        return node instanceof String text && PLACE.matcher(text).matches();
    }

    private static boolean isEmpty(Object value) {
        return switch (value) {
            case Map<?, ?> map -> map.isEmpty();
            case Collection<?> elements -> elements.isEmpty();
            case Optional<?> optional -> optional.isEmpty();
            default -> false;
        };
    }
}
