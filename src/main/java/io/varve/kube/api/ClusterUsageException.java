package io.varve.kube.api;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The cluster is not set up for what was asked: a claim that is not there, several classes to
 * choose from, a right that is missing. Somebody has to change something; a relaunch does not help.
 */
public final class ClusterUsageException extends IOException {

    private static final long serialVersionUID = 1L;

    public ClusterUsageException(String message) {
        super(message);
    }

    public ClusterUsageException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
