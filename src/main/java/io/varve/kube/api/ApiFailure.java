package io.varve.kube.api;

import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.HttpURLConnection;

/** What a failed call means to whoever made it. */
final class ApiFailure {

    private static final int TOO_MANY_REQUESTS = 429;

    private ApiFailure() {}

    static IOException of(
            String verb, Kind<?> kind, String namespace, String name, KubernetesClientException e) {
        String object = name.isEmpty() ? kind.plural() : kind.text(namespace, name);
        if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN && isMissingRight(e)) {
            return new ClusterUsageException(
                    "%s: %s is forbidden: %s; add {apiGroups: [\"%s\"], resources: [%s], verbs: [%s]} to the %s of its ServiceAccount"
                            .formatted(
                                    object,
                                    verb,
                                    text(e),
                                    kind.group(),
                                    kind.plural(),
                                    verb(verb),
                                    kind.namespaced() ? "Role" : "ClusterRole"),
                    e);
        }
        if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND && name.isEmpty()) {
            return new ClusterUsageException(
                    "the cluster does not serve %s of %s; install its CustomResourceDefinitions and controller"
                            .formatted(kind.plural(), kind.apiVersion()),
                    e);
        }
        return of("%s: %s".formatted(object, verb), e);
    }

    static IOException of(String doing, KubernetesClientException e) {
        if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN && isMissingRight(e)) {
            return new ClusterUsageException("%s: forbidden: %s".formatted(doing, text(e)), e);
        }
        return switch (e.getCode()) {
            case HttpURLConnection.HTTP_UNAUTHORIZED ->
                    new ClusterUsageException(
                            "%s: the API server does not accept these credentials: %s"
                                    .formatted(doing, text(e)),
                            e);
            default ->
                    isUnanswered(e)
                            ? unanswered(doing, e)
                            : new ClusterException(
                                    "%s: refused by the API server: %s".formatted(doing, text(e)),
                                    e);
        };
    }

    /** It may be answered later. Without an answer there is no code: 0, or -1. */
    static boolean isUnanswered(KubernetesClientException e) {
        return e.getCode() <= 0
                || e.getCode() == TOO_MANY_REQUESTS
                || e.getCode() >= HttpURLConnection.HTTP_INTERNAL_ERROR;
    }

    /** Conflict has two meanings; a creation's is nearly always this one. */
    static boolean isAlreadyThere(KubernetesClientException e) {
        Status status = e.getStatus();
        return status == null || !"Conflict".equals(status.getReason());
    }

    private static ApiUnavailableException unanswered(String doing, KubernetesClientException e) {
        return new ApiUnavailableException(
                "%s: the API server did not answer: %s".formatted(doing, text(e)), e);
    }

    /** A quota and an admission answer Forbidden as well; no right helps against them. */
    private static boolean isMissingRight(KubernetesClientException e) {
        String text = text(e);
        return text.contains("cannot ") && text.contains(" resource ");
    }

    static String text(KubernetesClientException e) {
        if (e instanceof Repetition.Exhausted) {
            return String.valueOf(e.getMessage());
        }
        Status status = e.getStatus();
        if (status != null && status.getMessage() != null) {
            return status.getMessage();
        }
        Throwable cause = e.getCause();
        return String.valueOf(cause == null ? e.getMessage() : cause);
    }

    private static String verb(String verb) {
        return verb.equals("read") ? "get" : verb;
    }
}
