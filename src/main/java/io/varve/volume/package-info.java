/**
 * The bytes of one volume: extents, sets of blocks, image files and Linux block devices.
 *
 * <p>Knows nothing of repositories, jobs or Kubernetes. Offsets and lengths are in bytes; a block
 * is one aligned MiB. System calls go through {@code java.lang.foreign}.
 */
@NullMarked
package io.varve.volume;

import org.jspecify.annotations.NullMarked;
