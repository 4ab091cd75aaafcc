package io.varve.mover.block;

/**
 * What became of every byte of the target, in this process.
 *
 * @param writtenBytes data
 * @param zeroedBytes zeros, by whatever means
 * @param skippedBytes found to be right already
 */
public record RestoreAccount(long writtenBytes, long zeroedBytes, long skippedBytes) {}
