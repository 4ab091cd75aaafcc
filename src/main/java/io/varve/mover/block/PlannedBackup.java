package io.varve.mover.block;

import io.varve.volume.BlockBitmap;

/**
 * A plan and what it reads.
 *
 * @param blocks that are read; every other one is taken over from the parent, or is zero
 */
public record PlannedBackup(BackupPlan plan, BlockBitmap blocks) {}
