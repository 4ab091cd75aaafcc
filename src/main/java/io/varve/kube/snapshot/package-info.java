/** VolumeSnapshots, as values. */
@NullMarked
package io.varve.kube.snapshot;

import org.jspecify.annotations.NullMarked;
