package io.varve.cbt.csi;

import java.io.IOException;

/**
 * What a client must know of the cluster. Asked anew before each call that follows a failure: an
 * authority, an audience or a VolumeSnapshot may go while a long answer is read.
 */
public interface MetadataAccess {

    /**
     * Finds the service, and makes sure that it can be asked.
     *
     * @throws TrackingException if the driver has none, or if the VolumeSnapshot is gone or not
     *     ready: the sidecar dies of one without a status
     */
    MetadataService service() throws IOException;

    /** A new token. It is checked when a stream starts, and not again. */
    SecurityToken token(MetadataService service) throws IOException;
}
