/**
 * VolumeSnapshots: cut in the claim's namespace, moved into Varve's, kept as a base, deleted.
 *
 * <p>At every instant exactly one VolumeSnapshotContent with the policy Delete knows a snapshot of
 * the storage, or a journal says what is under way. {@code SnapshotsTest} kills it before each
 * call.
 */
@NullMarked
package io.varve.kube.snapshot;

import org.jspecify.annotations.NullMarked;
