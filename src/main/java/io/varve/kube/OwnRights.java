package io.varve.kube;

import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.varve.kube.api.ClusterApi;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Asks the API server what this ServiceAccount may do. */
final class OwnRights {

    /** A right that is granted by name is not there for a question without one. */
    static final String ANY_NAME = "";

    static final String ALL_NAMESPACES = "";

    private final ClusterApi api;

    OwnRights(ClusterApi api) {
        this.api = api;
    }

    /** The rule's verbs that are not granted. */
    List<String> lacking(AccessRule rule, String namespace, String name) throws IOException {
        List<String> verbs = new ArrayList<>();
        for (String verb : rule.verbs()) {
            if (!isAllowed(rule, verb, namespace, name)) {
                verbs.add(verb);
            }
        }
        return verbs;
    }

    private boolean isAllowed(AccessRule rule, String verb, String namespace, String name)
            throws IOException {
        String[] resource = rule.resource().split("/", 2);
        SelfSubjectAccessReview question =
                new SelfSubjectAccessReviewBuilder()
                        .withNewSpec()
                        .withNewResourceAttributes()
                        .withGroup(rule.group())
                        .withResource(resource[0])
                        .withSubresource(resource.length > 1 ? resource[1] : null)
                        .withVerb(verb)
                        .withNamespace(namespace.equals(ALL_NAMESPACES) ? null : namespace)
                        .withName(name.equals(ANY_NAME) ? null : name)
                        .endResourceAttributes()
                        .endSpec()
                        .build();
        return api.call(
                "ask for own rights",
                client ->
                        client.authorization()
                                .v1()
                                .selfSubjectAccessReview()
                                .create(question)
                                .getStatus()
                                .getAllowed());
    }
}
