package io.varve.job;

import io.varve.mover.block.StoppedException;
import java.io.IOException;
import java.io.InterruptedIOException;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.JobInterruptedException;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.job.builder.SimpleJobBuilder;
import org.springframework.batch.core.listener.JobExecutionListener;
import org.springframework.batch.core.partition.PartitionHandler;
import org.springframework.batch.core.step.Step;
import org.springframework.batch.core.step.StepExecution;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.core.step.tasklet.Tasklet;
import org.springframework.batch.infrastructure.repeat.RepeatStatus;
import org.springframework.batch.infrastructure.support.transaction.ResourcelessTransactionManager;
import org.springframework.core.task.SimpleAsyncTaskExecutor;

/** Makes the kinds of steps that our jobs are made of. */
final class Steps {

    private final BatchInfrastructure batch;

    Steps(BatchInfrastructure batch) {
        this.batch = batch;
    }

    /** Something that a step does once. */
    @FunctionalInterface
    interface Action {
        void run(StepExecution step) throws IOException;
    }

    /** A job of these steps, one after the other; {@code listener} sees it begin and end. */
    Job job(String name, JobExecutionListener listener, Step first, Step... others) {
        SimpleJobBuilder job = new JobBuilder(name, batch.jobs()).listener(listener).start(first);
        for (Step step : others) {
            job.next(step);
        }
        return job.build();
    }

    /** A step that does one thing, in one transaction with its own end. */
    Step once(String name, Action action) {
        return new StepBuilder(name, batch.jobs())
                .tasklet(tasklet(action), batch.transactions())
                .listener(batch.stepHook())
                .listener(batch.stop())
                .build();
    }

    /**
     * A step that does one long thing, again if the job is restarted. Not in a transaction: it may
     * take minutes, and what it writes to the database on its way must be seen by other threads.
     */
    Step longAndRepeatable(String name, Action action) {
        return new StepBuilder(name, batch.jobs())
                .tasklet(tasklet(action), new ResourcelessTransactionManager())
                .allowStartIfComplete(true)
                .listener(batch.stepHook())
                .listener(batch.stop())
                .build();
    }

    /** A step that moves the blocks of {@code ranges} in {@code streams} threads. */
    Step transfer(TransferRanges ranges, RangeStep worker, int streams) {
        return new StepBuilder("transfer", batch.jobs())
                .partitioner(worker.getName(), ranges)
                .step(worker)
                .gridSize(streams)
                .taskExecutor(new SimpleAsyncTaskExecutor("transfer-"))
                .listener(batch.stepHook())
                .listener(batch.stop())
                .build();
    }

    /**
     * A step that another process carries out; asked again in each restart, as what is left for it
     * is known only then.
     */
    Step transferElsewhere(PartitionHandler handler) {
        return new StepBuilder("transfer", batch.jobs())
                .partitioner(
                        MoverRanges.STEP,
                        size -> {
                            throw new IllegalStateException("the mover cuts the ranges");
                        })
                .partitionHandler(handler)
                .allowStartIfComplete(true)
                .listener(batch.stepHook())
                .listener(batch.stop())
                .build();
    }

    private static Tasklet tasklet(Action action) {
        return (contribution, chunk) -> {
            try {
                action.run(contribution.getStepExecution());
            } catch (StoppedException | InterruptedIOException e) {
                // What tells Batch that the step was stopped and did not fail.
                throw (JobInterruptedException)
                        new JobInterruptedException("stopped between two items").initCause(e);
            }
            return RepeatStatus.FINISHED;
        };
    }
}
