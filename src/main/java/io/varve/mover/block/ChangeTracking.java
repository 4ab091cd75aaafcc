package io.varve.mover.block;

import io.varve.cbt.csi.TrackedBlocks;
import java.io.IOException;
import java.util.Optional;

/** Asks the storage of one volume which blocks must be read. */
@FunctionalInterface
public interface ChangeTracking {

    /**
     * Asks.
     *
     * @param baseId the point in time to count changes from; empty for what is allocated
     * @throws io.varve.cbt.csi.TrackingException if the storage refuses to be asked
     */
    TrackedBlocks find(Optional<String> baseId) throws IOException;
}
