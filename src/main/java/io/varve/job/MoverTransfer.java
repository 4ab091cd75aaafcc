package io.varve.job;

import io.varve.mover.block.StoppedException;
import java.io.IOException;
import java.util.Collection;
import org.springframework.batch.core.partition.support.SimpleStepExecutionSplitter;
import org.springframework.batch.core.partition.support.TaskExecutorPartitionHandler;
import org.springframework.batch.core.step.StepExecution;
import org.springframework.core.task.SimpleAsyncTaskExecutor;

/**
 * A launcher's transfer, as its mover carries it out.
 *
 * @param batch with the fence of the launcher's lease
 * @param step of the launcher
 * @param streams ranges at once
 */
record MoverTransfer(BatchInfrastructure batch, StepExecution step, int streams) {

    /**
     * Moves all ranges. Those that an earlier mover completed are not executed again.
     *
     * @throws StoppedException if that was asked for
     * @throws LeaseLostException if the launcher was replaced
     */
    void execute(TransferRanges ranges, RangeStep worker) throws IOException {
        var handler = new TaskExecutorPartitionHandler();
        handler.setStep(worker);
        handler.setGridSize(streams);
        handler.setTaskExecutor(new SimpleAsyncTaskExecutor("transfer-"));
        Collection<StepExecution> ended;
        try {
            ended =
                    handler.handle(
                            new SimpleStepExecutionSplitter(batch.jobs(), worker.getName(), ranges),
                            step);
        } catch (Exception e) {
            throw e instanceof IOException known
                    ? known
                    : new IOException(
                            "the ranges of execution %d cannot be begun"
                                    .formatted(step.getJobExecutionId()),
                            e);
        }
        batch.fence().check();
        if (batch.stop().requested()) {
            throw new StoppedException();
        }
        RunFailure.check(ended);
    }
}
