package io.varve.kube.claim;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Which claims are meant. Each part that is empty allows all; the parts are and-ed. In names {@code
 * *} stands for any text and {@code ?} for one character.
 *
 * @param labelSelector as {@code kubectl -l} takes it: {@code tier=gold,env in (prod,stage)}
 */
public record ClaimSelection(
        List<String> namespaces,
        List<String> names,
        List<String> storageClasses,
        String labelSelector) {

    public ClaimSelection {
        namespaces = List.copyOf(namespaces);
        names = List.copyOf(names);
        storageClasses = List.copyOf(storageClasses);
    }

    boolean allows(String namespace, String name, String storageClass) {
        return matches(namespaces, namespace)
                && matches(names, name)
                && matches(storageClasses, storageClass);
    }

    /** The namespaces, if they can be asked for one by one; empty if all have to be listed. */
    List<String> namespacesByName() {
        return namespaces.stream().anyMatch(ClaimSelection::isGlob) ? List.of() : namespaces;
    }

    private static boolean matches(List<String> globs, String value) {
        return globs.isEmpty()
                || globs.stream().anyMatch(glob -> pattern(glob).matcher(value).matches());
    }

    private static boolean isGlob(String name) {
        return name.contains("*") || name.contains("?");
    }

    private static Pattern pattern(String glob) {
        String quoted = glob.replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q");
        return Pattern.compile("\\Q" + quoted + "\\E");
    }
}
