package io.varve.job;

import io.varve.mover.block.Partition;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.ExitStatus;
import org.springframework.batch.core.job.JobInterruptedException;
import org.springframework.batch.core.listener.StepExecutionListener;
import org.springframework.batch.core.step.Step;
import org.springframework.batch.core.step.StepExecution;
import org.springframework.batch.core.step.builder.StepBuilder;

/**
 * The worker of a transfer: moves one range chunk by chunk. Each execution has its own reader,
 * writer and cursor, so that ranges run side by side.
 */
final class RangeStep implements Step {

    /** Items of a chunk; with the longest run of a job they bound what a restart repeats. */
    private static final int ITEMS_PER_CHUNK = 16;

    private final BatchInfrastructure batch;
    private final TransferRanges ranges;
    private final RangeWriter.Source writers;
    private final long maxBlocksPerItem;

    /** A range that failed ends the others at their next checkpoint: the job fails in any case. */
    private final StopSignal failed = new StopSignal();

    RangeStep(
            BatchInfrastructure batch,
            TransferRanges ranges,
            RangeWriter.Source writers,
            long maxBlocksPerItem) {
        this.batch = batch;
        this.ranges = ranges;
        this.writers = writers;
        this.maxBlocksPerItem = maxBlocksPerItem;
    }

    @Override
    public String getName() {
        return "transferRange";
    }

    @Override
    public void execute(StepExecution execution) throws JobInterruptedException {
        Partition range = ranges.ofStep(execution.getStepName());
        RangeCursor cursor = RangeCursor.of(execution.getExecutionContext(), range);
        Step chunks =
                new StepBuilder(execution.getStepName(), batch.jobs())
                        .<TransferItem, TransferItem>chunk(ITEMS_PER_CHUNK)
                        .transactionManager(batch.transactions())
                        .reader(new PlannedRuns(ranges.blocks(), range, cursor, maxBlocksPerItem))
                        .writer(new RangeItemWriter(writers, range, cursor, this::mark, execution))
                        .listener(batch.stepHook())
                        .listener(batch.stop())
                        .listener(failed)
                        .listener(new WholeRange(range, cursor, failed))
                        .build();
        chunks.execute(execution);
    }

    private void mark(StepExecution step) {
        batch.stop().mark(step);
        failed.mark(step);
    }

    /** Fails a range that Batch takes for completed although its end was not reached. */
    private record WholeRange(Partition range, RangeCursor cursor, StopSignal failed)
            implements StepExecutionListener {

        @Override
        public ExitStatus afterStep(StepExecution step) {
            if (step.getStatus() == BatchStatus.FAILED) {
                failed.request();
            }
            if (step.getStatus() != BatchStatus.COMPLETED || cursor.finished()) {
                return step.getExitStatus();
            }
            String problem =
                    "step %s ended at block %d of blocks %d to %d without an error"
                            .formatted(
                                    step.getStepName(),
                                    cursor.nextBlock(),
                                    range.firstBlock(),
                                    range.endBlock());
            failed.request();
            step.setStatus(BatchStatus.FAILED);
            step.addFailureException(new IllegalStateException(problem));
            return ExitStatus.FAILED.addExitDescription(problem);
        }
    }
}
