package io.varve.kube.api;

/** The API server did not answer, after the client's own attempts. A wait goes on meanwhile. */
public final class ApiUnavailableException extends ClusterException {

    private static final long serialVersionUID = 1L;

    public ApiUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
