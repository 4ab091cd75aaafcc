package io.varve.kube;

import java.util.List;

/**
 * A right that Varve needs, as a rule of a Role or ClusterRole has it.
 *
 * @param group empty for the core group
 * @param resource with a subresource after a slash
 */
public record AccessRule(String group, String resource, List<String> verbs, Scope scope) {

    /** Where it has to hold. */
    public enum Scope {
        /** Varve's own namespace. */
        OWN,
        /** Each namespace whose claims are backed up. */
        SOURCE,
        /** The namespace {@code default}: Events of objects without a namespace are there. */
        DEFAULT,
        /** Everywhere. */
        CLUSTER
    }

    public AccessRule {
        verbs = List.copyOf(verbs);
    }

    static AccessRule of(Scope scope, String group, String resource, String... verbs) {
        return new AccessRule(group, resource, List.of(verbs), scope);
    }

    @Override
    public String toString() {
        return "{apiGroups: [\"%s\"], resources: [%s], verbs: [%s]}"
                .formatted(group, resource, String.join(", ", verbs));
    }
}
