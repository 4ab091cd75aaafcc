package io.varve.mover.block;

import io.varve.repository.StagedBlock;
import java.util.List;

/**
 * What a stream may record now, in one transaction.
 *
 * @param staged blocks that became durable since the last checkpoint
 * @param nextBlock where a restart goes on: all blocks to copy before it are durable
 */
public record Checkpoint(List<StagedBlock> staged, long nextBlock) {}
