package io.varve.kube.api;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;

/** Objects with names that follow from a run: made once, found again, removed. */
public final class OwnObjects {

    private final ClusterApi api;
    private final BiPredicate<RunObjects, HasMetadata> isOf;

    public OwnObjects(ClusterApi api) {
        this(api, api.ownership()::isOf);
    }

    private OwnObjects(ClusterApi api, BiPredicate<RunObjects, HasMetadata> isOf) {
        this.api = api;
        this.isOf = isOf;
    }

    /** Objects that become others', and are known by {@link Ownership#marks} alone. */
    public static OwnObjects handedOver(ClusterApi api) {
        return new OwnObjects(api, api.ownership()::bearsMarks);
    }

    /** The object of this name, if it is there and of these. */
    public <T extends HasMetadata> Optional<T> find(
            Kind<T> kind, String namespace, String name, RunObjects objects) throws IOException {
        return api.get(kind, namespace, name).filter(object -> isOf.test(objects, object));
    }

    /**
     * Creates the object, or adopts what an earlier attempt made. One that is being deleted is
     * waited for first.
     *
     * @throws ClusterException if somebody else's object has this name
     */
    public <T extends HasMetadata> T ensure(
            Kind<T> kind, T wanted, RunObjects objects, BooleanSupplier stop) throws IOException {
        String namespace = Kind.namespace(wanted);
        String name = wanted.getMetadata().getName();
        return api.wait(api.waits().gone(), stop)
                .until(
                        kind.text(wanted) + ": an older one is not gone",
                        () -> {
                            Optional<T> there = api.get(kind, namespace, name);
                            if (there.isEmpty()) {
                                return api.create(kind, wanted);
                            }
                            if (!isOf.test(objects, there.get())) {
                                throw new ClusterException(
                                        "%s: is there already, and its annotations do not say that it is of %s; remove it if nobody needs it"
                                                .formatted(kind.text(wanted), objects));
                            }
                            return there.filter(object -> !isDeleting(object));
                        },
                        () -> finalizers(kind, namespace, name));
    }

    /** Writes a journal of a run, which is a ConfigMap in Varve's namespace, or adopts it. */
    public ConfigMap ensureJournal(
            RunObjects objects, String name, Map<String, String> data, BooleanSupplier stop)
            throws IOException {
        ConfigMap wanted =
                new ConfigMapBuilder()
                        .withMetadata(
                                api.ownership()
                                        .metadata(objects, Role.JOURNAL, api.namespace(), name))
                        .withData(data)
                        .build();
        return ensure(Kind.CONFIG_MAP, wanted, objects, stop);
    }

    /** Deletes the object and waits until it is gone. Another object of its name is left alone. */
    public <T extends HasMetadata> void remove(
            Kind<T> kind, T object, BooleanSupplier stop, Wait.Reasons reasons) throws IOException {
        if (!isDeleting(object)) {
            api.delete(kind, object);
        }
        awaitGone(kind, object, stop, reasons);
    }

    public <T extends HasMetadata> void awaitGone(
            Kind<T> kind, T object, BooleanSupplier stop, Wait.Reasons reasons) throws IOException {
        String namespace = Kind.namespace(object);
        String name = object.getMetadata().getName();
        String uid = object.getMetadata().getUid();
        api.wait(api.waits().gone(), stop)
                .until(
                        kind.text(object) + ": not gone",
                        () ->
                                api.get(kind, namespace, name)
                                                .filter(
                                                        now ->
                                                                now.getMetadata()
                                                                        .getUid()
                                                                        .equals(uid))
                                                .isPresent()
                                        ? Optional.empty()
                                        : Optional.of(name),
                        () -> {
                            List<String> found = new ArrayList<>(reasons.find());
                            found.addAll(finalizers(kind, namespace, name));
                            return found;
                        });
    }

    public static boolean isDeleting(HasMetadata object) {
        return object.getMetadata().getDeletionTimestamp() != null;
    }

    private <T extends HasMetadata> List<String> finalizers(
            Kind<T> kind, String namespace, String name) throws IOException {
        return api.get(kind, namespace, name)
                .map(object -> object.getMetadata().getFinalizers())
                .filter(finalizers -> !finalizers.isEmpty())
                .map(finalizers -> List.of("its finalizers are " + finalizers))
                .orElse(List.of());
    }
}
