package io.varve.mover.block;

import io.varve.volume.BlockBitmap;

/**
 * A draft and the storage's answer.
 *
 * @param blocks as {@link BackupDraft#coverage()} says; empty where that is {@code ALL}
 */
public record DraftedBackup(BackupDraft draft, BlockBitmap blocks) {}
