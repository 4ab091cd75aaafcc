package io.varve.catalog;

/**
 * How far an execution is, in bytes.
 *
 * @param done of {@code total}, what earlier executions of the run did included
 * @param read by this execution, of the source
 * @param stored by this execution: plain bytes put into the repository, or onto the target
 */
public record ExecutionProgress(long done, long total, long read, long stored) {}
