/**
 * The temporary claim that exposes a VolumeSnapshot as a block device, and the Jobs that read it.
 *
 * <p>A mover's pod gets the device, never a token of the API server.
 */
@NullMarked
package io.varve.kube.mover;

import org.jspecify.annotations.NullMarked;
