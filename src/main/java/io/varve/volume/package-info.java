/**
 * The bytes of one volume: extents, sets of blocks, image files and Linux block devices.
 *
 * <p>Knows nothing of repositories, jobs or Kubernetes. Offsets and lengths are in bytes; a block
 * is one aligned MiB. Volumes are read and written past the page cache; a target is claimed or
 * locked, and refused before its first byte changes. System calls are in {@code
 * io.varve.volume.linux}.
 *
 * <p>Proved by {@code BlockDeviceContract}, run over real file systems and real loop devices.
 */
@NullMarked
package io.varve.volume;

import org.jspecify.annotations.NullMarked;
