/**
 * Moves volumes block by block: decides what a backup reads, seals and stores it, publishes the
 * result; restores a backup to a device and proves it.
 *
 * <p>Plain Java: whoever calls decides about threads, transactions and restarts, and persists what
 * a {@link io.varve.mover.block.Checkpoint} hands out. A block is one MiB of the volume, aligned,
 * the last one padded with zeros.
 */
@NullMarked
package io.varve.mover.block;

import org.jspecify.annotations.NullMarked;
