package io.varve.kube.snapshot;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.Optional;

/** Reads fields of objects that the client has no class of. */
final class Fields {

    private Fields() {}

    /**
     * A field's text, whatever its type; empty if it or a parent is not there, or if it is empty.
     */
    static Optional<String> text(GenericKubernetesResource object, Object... path) {
        Object value = object.get(path);
        return Optional.ofNullable(value).map(Object::toString).filter(text -> !text.isEmpty());
    }

    static boolean isTrue(GenericKubernetesResource object, Object... path) {
        return text(object, path).filter(Boolean::parseBoolean).isPresent();
    }
}
