package io.varve.kube.mover;

import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.RunObjects;
import java.io.IOException;
import java.util.function.BooleanSupplier;

/** Starts, watches and stops the Jobs that read an exposed volume. Safe for many threads. */
@SuppressWarnings("DoNotCallSuggester") // Signatures ahead of their bodies.
public final class Movers {

    public Movers(ClusterApi api) {}

    /**
     * Creates the Job of this attempt; one that is there already is left as it is. The claim must
     * have been exposed.
     */
    public void start(RunObjects objects, int attempt, MoverCommand command, MoverSettings settings)
            throws IOException {
        throw new UnsupportedOperationException();
    }

    public MoverState state(RunObjects objects, int attempt) throws IOException {
        throw new UnsupportedOperationException();
    }

    /**
     * Waits until it runs or has ended, no longer than {@code Waits.prepare}.
     *
     * @throws io.varve.kube.api.WaitTimeoutException with what scheduler, provisioner, attacher and
     *     kubelet say
     */
    public MoverState awaitStarted(RunObjects objects, int attempt, BooleanSupplier stop)
            throws IOException {
        throw new UnsupportedOperationException();
    }

    /**
     * Deletes every mover Job of the run, and waits until Jobs, pods and the volume's attachments
     * are gone. Never forces: a pod on a lost node may still write.
     */
    public void stop(RunObjects objects, BooleanSupplier stop) throws IOException {
        throw new UnsupportedOperationException();
    }
}
