package io.varve.kube.api;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Something failed in the cluster. The message names what was being done, to which object, and why
 * not. It may pass: a relaunch continues where this run stopped.
 */
public class ClusterException extends IOException {

    private static final long serialVersionUID = 1L;

    public ClusterException(String message) {
        super(message);
    }

    public ClusterException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
