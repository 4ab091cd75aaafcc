package io.varve.job;

import org.springframework.batch.core.launch.JobOperator;
import org.springframework.batch.core.listener.StepExecutionListener;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * What jobs are built with and run on.
 *
 * @param transactions of the database that holds both Batch's tables and ours
 * @param stepHook sees each step of each job begin and end
 */
public record BatchInfrastructure(
        JobRepository jobs,
        JobOperator operator,
        PlatformTransactionManager transactions,
        StopSignal stop,
        StepExecutionListener stepHook) {}
