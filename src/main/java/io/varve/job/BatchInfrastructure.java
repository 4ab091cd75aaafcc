package io.varve.job;

import io.varve.mover.block.Fence;
import org.springframework.batch.core.launch.JobOperator;
import org.springframework.batch.core.listener.StepExecutionListener;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * What jobs are built with and run on.
 *
 * @param transactions of the database that holds both Batch's tables and ours
 * @param stop of the process, or of one run
 * @param fence asked before each commit of a run
 * @param stepHook sees each step of each job begin and end
 */
public record BatchInfrastructure(
        JobRepository jobs,
        JobOperator operator,
        PlatformTransactionManager transactions,
        StopSignal stop,
        Fence fence,
        StepExecutionListener stepHook) {

    /** The same with another wish to stop. */
    BatchInfrastructure withStop(StopSignal other) {
        return new BatchInfrastructure(jobs, operator, transactions, other, fence, stepHook);
    }

    /** The same for one run, whose process must not write once another one has its lease. */
    BatchInfrastructure forRun(StopSignal runStop, Fence runFence) {
        return new BatchInfrastructure(
                FencedJobRepository.of(jobs, transactions, runFence),
                operator,
                transactions,
                runStop,
                runFence,
                stepHook);
    }
}
