package io.varve.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.catalog.Run;
import io.varve.database.EveryDatabase;
import io.varve.database.TestDatabase;
import io.varve.volume.BlockBitmap;
import io.varve.volume.BlockRun;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.ExitStatus;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.listener.StepExecutionListener;
import org.springframework.batch.core.step.StepExecution;

/** Ranges that fail, stop or are cut short; a restart goes on from what was committed. */
@EveryDatabase
class RangeStepTest {

    /** 16 items of 4 blocks. */
    private static final int BLOCKS_PER_CHUNK = 16 * 4;

    /** Four chunks in each of two ranges. */
    private static final long BLOCKS = 2 * 4 * BLOCKS_PER_CHUNK;

    private final List<Long> moved = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger chunks = new AtomicInteger();
    private final JobDatabase database;
    private final Run run;

    /** Happens in each chunk, before it is moved. */
    private Trouble trouble = chunk -> {};

    @FunctionalInterface
    private interface Trouble {
        void at(int chunk) throws IOException, InterruptedException;
    }

    RangeStepTest(TestDatabase kind, @TempDir Path folder) throws Exception {
        database = new JobDatabase(kind.create(folder));
        run =
                Run.started(
                        "run-1",
                        new Run.Work(Run.Kind.BACKUP, "repository", "volume", "0".repeat(64)),
                        "{}",
                        Instant.EPOCH);
    }

    @BeforeEach
    void createRun() {
        database.records().runs().create(run);
    }

    @AfterEach
    void closeDatabase() throws Exception {
        database.close();
    }

    private JobExecution start(StopSignal stop) throws Exception {
        return start(stop, new StepExecutionListener() {});
    }

    private JobExecution start(StopSignal stop, StepExecutionListener hook) throws Exception {
        try (HeldLease lease = database.lease(run)) {
            return start(database.batch(stop, hook), lease);
        }
    }

    private JobExecution start(BatchInfrastructure batch, HeldLease lease) throws Exception {
        TransferRanges ranges = new TransferRanges(BlockBitmap.range(0, BLOCKS));
        Steps steps = new Steps(batch);
        Job job =
                steps.job(
                        BackupVolumeJob.NAME,
                        Executions.history(database.records(), run, lease),
                        steps.once("plan", step -> {}),
                        steps.transfer(ranges, new RangeStep(batch, ranges, Mover::new, 4), 2));
        return new Executions(batch, database.records()).start(job, run);
    }

    /** Makes each block durable as soon as it is written. */
    private final class Mover implements RangeWriter {
        private long next;

        private Mover(long firstBlock, long endBlock) {
            next = firstBlock;
            assertThat(firstBlock).isLessThanOrEqualTo(endBlock);
        }

        @Override
        public Position write(List<BlockRun> runs, boolean last) throws IOException {
            try {
                trouble.at(chunks.incrementAndGet());
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            for (BlockRun blocks : runs) {
                for (long block = blocks.first(); block < blocks.end(); block++) {
                    moved.add(block);
                }
                next = blocks.end();
            }
            return new Position(next, last);
        }

        @Override
        public void close() {}
    }

    private void assertEachBlockWasMovedOnce() {
        List<Long> all = new ArrayList<>(moved);
        Collections.sort(all);
        assertThat(all).hasSize((int) BLOCKS).doesNotHaveDuplicates();
    }

    @Test
    void allBlocksAreMoved() throws Exception {
        assertThat(start(new StopSignal()).getStatus()).isEqualTo(BatchStatus.COMPLETED);
        assertEachBlockWasMovedOnce();
    }

    /** Batch takes the loop of an interrupted thread for completed: the step must not. */
    @Test
    void aRangeThatIsCutShortFailsAndGoesOnLater() throws Exception {
        trouble =
                chunk -> {
                    if (chunk == 3) {
                        Thread.currentThread().interrupt();
                    }
                };

        JobExecution cut = start(new StopSignal());
        assertThat(cut.getStatus()).isEqualTo(BatchStatus.FAILED);
        assertThat(RunFailure.of(cut).orElseThrow()).hasMessageContaining("without an error");

        trouble = chunk -> {};
        assertThat(start(new StopSignal()).getStatus()).isEqualTo(BatchStatus.COMPLETED);
        assertEachBlockWasMovedOnce();
    }

    @Test
    void aStopEndsBothRangesAtACheckpoint() throws Exception {
        StopSignal stop = new StopSignal();
        trouble =
                chunk -> {
                    if (chunk == 3) {
                        stop.request();
                    }
                };

        JobExecution stopped = start(stop);
        assertThat(stopped.getStatus()).isEqualTo(BatchStatus.STOPPED);
        assertThat(stopped.getExitStatus().getExitDescription())
                .isEqualTo("stopped at a checkpoint");
        assertThat(moved).hasSizeLessThan((int) BLOCKS);

        assertThat(start(new StopSignal()).getStatus()).isEqualTo(BatchStatus.COMPLETED);
        assertEachBlockWasMovedOnce();
    }

    @Test
    void aFailedChunkIsRepeatedAndNothingElse() throws Exception {
        trouble =
                chunk -> {
                    if (chunk == 4) {
                        throw new IOException("injected");
                    }
                };

        JobExecution failed = start(new StopSignal());
        assertThat(failed.getStatus()).isEqualTo(BatchStatus.FAILED);
        assertThat(RunFailure.message(RunFailure.of(failed).orElseThrow())).isEqualTo("injected");
        assertThat(failed.getExitStatus().getExitDescription()).isEqualTo("injected");

        trouble = chunk -> {};
        assertThat(start(new StopSignal()).getStatus()).isEqualTo(BatchStatus.COMPLETED);
        assertEachBlockWasMovedOnce();
    }

    @Test
    void aFailedRangeEndsTheOtherAtItsNextCheckpoint() throws Exception {
        CountDownLatch bothCopy = new CountDownLatch(2);
        CountDownLatch oneFailed = new CountDownLatch(1);
        trouble =
                chunk -> {
                    bothCopy.countDown();
                    bothCopy.await();
                    if (chunk == 1) {
                        throw new IOException("injected");
                    }
                    oneFailed.await();
                };
        StepExecutionListener hook =
                new StepExecutionListener() {
                    @Override
                    public ExitStatus afterStep(StepExecution step) {
                        if (step.getStatus() == BatchStatus.FAILED) {
                            oneFailed.countDown();
                        }
                        return step.getExitStatus();
                    }
                };

        JobExecution failed = start(new StopSignal(), hook);

        assertThat(failed.getStatus()).isEqualTo(BatchStatus.FAILED);
        assertThat(moved).hasSize(BLOCKS_PER_CHUNK);
        trouble = chunk -> {};
        assertThat(start(new StopSignal()).getStatus()).isEqualTo(BatchStatus.COMPLETED);
        assertEachBlockWasMovedOnce();
    }

    @Test
    void aStopBeforeTheFirstStepRunsNothing() throws Exception {
        StopSignal stop = new StopSignal();
        stop.request();

        assertThat(start(stop).getStatus()).isEqualTo(BatchStatus.STOPPED);
        assertThat(moved).isEmpty();
    }

    @Test
    void anExecutionIsTiedToItsRun() throws Exception {
        long execution = start(new StopSignal()).getId();
        assertThat(database.records().runs().ofExecution(execution).map(Run::id))
                .isEqualTo(Optional.of("run-1"));
    }
}
