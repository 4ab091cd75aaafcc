package io.varve.kube.api;

import io.fabric8.kubernetes.api.model.DeleteOptions;
import io.fabric8.kubernetes.api.model.DeleteOptionsBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.Closeable;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Calls to the API server. Safe for many threads.
 *
 * <p>A call that broke or that the server could not answer is repeated, a creation too: so an
 * object that is there already may be one's own.
 */
public final class ClusterApi implements Closeable {

    /** A controller writes a few times a second at most. */
    private static final int PATCH_ATTEMPTS = 10;

    private final KubernetesClient client;
    private final Identity identity;
    private final Waits waits;
    private final Repetition repetition;

    /**
     * @param client that repeats nothing by itself
     */
    public ClusterApi(
            KubernetesClient client, Identity identity, Waits waits, Repetition repetition) {
        this.client = client;
        this.identity = identity;
        this.waits = waits;
        this.repetition = repetition;
    }

    public Identity identity() {
        return identity;
    }

    public Ownership ownership() {
        return new Ownership(identity);
    }

    /** A wait with this cluster's poll period. */
    public Wait wait(Duration limit, BooleanSupplier stop) {
        return new Wait(limit, waits.poll(), stop);
    }

    /** Varve's own namespace. */
    public String namespace() {
        return identity.namespace();
    }

    public Waits waits() {
        return waits;
    }

    /**
     * @param namespace without effect for a kind that has none
     */
    public <T extends HasMetadata> Optional<T> get(Kind<T> kind, String namespace, String name)
            throws IOException {
        return answer("read", kind, namespace, name, () -> at(kind, namespace, name).get());
    }

    /** Objects by labels; of all namespaces if {@code namespace} is empty. */
    public <T extends HasMetadata> List<T> list(Kind<T> kind, String namespace, String labels)
            throws IOException {
        return list(kind, namespace, labels, "");
    }

    public <T extends HasMetadata> List<T> list(
            Kind<T> kind, String namespace, String labels, String fields) throws IOException {
        var options =
                new ListOptionsBuilder()
                        .withLabelSelector(labels.isEmpty() ? null : labels)
                        .withFieldSelector(fields.isEmpty() ? null : fields)
                        .build();
        try {
            var all = kind.in(client);
            if (!kind.namespaced()) {
                return repetition.call(() -> all.list(options).getItems());
            }
            return repetition.call(
                    () ->
                            namespace.isEmpty()
                                    ? all.inAnyNamespace().list(options).getItems()
                                    : all.inNamespace(namespace).list(options).getItems());
        } catch (KubernetesClientException e) {
            throw ApiFailure.of("list", kind, namespace, "", e);
        }
    }

    /** Empty if an object of this name is there already. */
    public <T extends HasMetadata> Optional<T> create(Kind<T> kind, T object) throws IOException {
        String namespace = Kind.namespace(object);
        String name = object.getMetadata().getName();
        try {
            return Optional.of(
                    repetition.call(
                            () ->
                                    kind.namespaced()
                                            ? kind.in(client)
                                                    .inNamespace(namespace)
                                                    .resource(object)
                                                    .create()
                                            : kind.in(client).resource(object).create()));
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_CONFLICT && ApiFailure.isAlreadyThere(e)) {
                return Optional.empty();
            }
            throw ApiFailure.of("create", kind, namespace, name, e);
        }
    }

    /**
     * Merges what {@code change} gives into the object, unless it gives nothing; anew if somebody
     * else changed the object meanwhile.
     *
     * @return the object as it is then; empty if it is gone, or if another one has its name
     */
    public <T extends HasMetadata> Optional<T> patch(
            Kind<T> kind, T object, Function<T, Map<String, Object>> change) throws IOException {
        String namespace = Kind.namespace(object);
        String name = object.getMetadata().getName();
        String uid = object.getMetadata().getUid();
        Optional<T> now = Optional.of(object);
        for (int attempt = 1; now.isPresent() && isSame(now.get(), uid); attempt++) {
            Map<String, Object> wanted = change.apply(now.get());
            if (wanted.isEmpty()) {
                return now;
            }
            String patch = client.getKubernetesSerialization().asJson(pinned(wanted, now.get()));
            try {
                return Optional.ofNullable(
                        repetition.call(
                                () ->
                                        at(kind, namespace, name)
                                                .patch(
                                                        PatchContext.of(PatchType.JSON_MERGE),
                                                        patch)));
            } catch (KubernetesClientException e) {
                if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                    return Optional.empty();
                }
                if (e.getCode() != HttpURLConnection.HTTP_CONFLICT || attempt == PATCH_ATTEMPTS) {
                    throw ApiFailure.of("patch", kind, namespace, name, e);
                }
            }
            now = get(kind, namespace, name);
        }
        return Optional.empty();
    }

    /** Starts the deletion of just this object. One that is gone is fine. */
    public <T extends HasMetadata> void delete(Kind<T> kind, T object) throws IOException {
        delete(kind, object, "Background");
    }

    /** The same, and the object stays until what it owns is gone. */
    public <T extends HasMetadata> void deleteWithDependents(Kind<T> kind, T object)
            throws IOException {
        delete(kind, object, "Foreground");
    }

    private <T extends HasMetadata> void delete(Kind<T> kind, T object, String propagation)
            throws IOException {
        String namespace = Kind.namespace(object);
        String name = object.getMetadata().getName();
        DeleteOptions options =
                new DeleteOptionsBuilder()
                        .withPropagationPolicy(propagation)
                        .withNewPreconditions()
                        .withUid(object.getMetadata().getUid())
                        .endPreconditions()
                        .build();
        try {
            repetition.call(() -> client.raw(kind.path(namespace, name), "DELETE", options));
        } catch (KubernetesClientException e) {
            // Conflict: another object has its name by now.
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND
                    && e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                throw ApiFailure.of("delete", kind, namespace, name, e);
            }
        }
    }

    /** A call that the methods above do not have, such as a review. */
    public <T> T call(String doing, Function<KubernetesClient, T> call) throws IOException {
        try {
            return repetition.call(() -> call.apply(client));
        } catch (KubernetesClientException e) {
            throw ApiFailure.of(doing, e);
        }
    }

    @Override
    public void close() {
        client.close();
    }

    private <T extends HasMetadata> Resource<T> at(Kind<T> kind, String namespace, String name) {
        return kind.namespaced()
                ? kind.in(client).inNamespace(namespace).withName(name)
                : kind.in(client).withName(name);
    }

    private <T extends HasMetadata> Optional<T> answer(
            String verb, Kind<T> kind, String namespace, String name, Supplier<@Nullable T> call)
            throws IOException {
        try {
            return Optional.ofNullable(repetition.call(call));
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                return Optional.empty();
            }
            throw ApiFailure.of(verb, kind, namespace, name, e);
        }
    }

    private static boolean isSame(HasMetadata object, String uid) {
        return object.getMetadata().getUid().equals(uid);
    }

    /** The patch with the version that it was made for: the server refuses it for any other. */
    private static Map<String, Object> pinned(Map<String, Object> patch, HasMetadata object) {
        Map<String, Object> metadata = new LinkedHashMap<>();
        if (patch.get("metadata") instanceof Map<?, ?> wanted) {
            wanted.forEach((key, value) -> metadata.put(String.valueOf(key), value));
        }
        metadata.put("uid", object.getMetadata().getUid());
        metadata.put("resourceVersion", object.getMetadata().getResourceVersion());
        Map<String, Object> whole = new LinkedHashMap<>(patch);
        whole.put("metadata", metadata);
        return whole;
    }
}
