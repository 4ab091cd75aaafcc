package io.varve.job;

import io.varve.mover.block.StopRequest;
import io.varve.mover.block.TransferProgress;
import io.varve.volume.BlockBitmap;
import java.util.ArrayList;
import java.util.List;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.step.Step;

/**
 * Restores one volume: resolve → provision → transfer (ranges side by side) → recheck (in restarts)
 * → verify (if asked for) → release. A chunk's blocks are on the medium before the chunk is
 * committed, so that the cursor never runs ahead of them. Of a claim, bind follows: only then is it
 * the user's.
 */
final class RestoreVolumeJob {

    static final String NAME = "restoreVolume";

    /** Of what only says what the job above would write. */
    static final String PREVIEW = "previewRestore";

    private final BatchInfrastructure batch;
    private final Steps steps;
    private final int streams;

    RestoreVolumeJob(BatchInfrastructure batch, int streams) {
        this.batch = batch;
        this.steps = new Steps(batch);
        this.streams = streams;
    }

    /** The job of one run. */
    Job job(RestoreRun run) {
        StopRequest stop = batch.stop()::requested;
        List<Step> all = new ArrayList<>();
        all.add(steps.once("provision", step -> run.provision()));
        all.add(transfer(run, stop));
        if (run.context().resumed()) {
            all.add(steps.longAndRepeatable("recheck", step -> run.recheck(stop)));
        }
        if (run.context().request().verify()) {
            all.add(steps.longAndRepeatable("verify", step -> run.verify(stop)));
        }
        all.add(steps.once("release", step -> run.context().release(run.totals())));
        return steps.job(
                NAME,
                run.context().history(),
                steps.once("resolve", step -> run.context().resolve()),
                all.toArray(Step[]::new));
    }

    /** The job of one run into a claim, whose blocks another process writes, and verifies. */
    Job job(ClaimRestoreRun run, MoverHandler.Limits limits, TransferProgress progress) {
        StopRequest stop = batch.stop()::requested;
        return steps.job(
                NAME,
                run.history(),
                steps.once("resolve", step -> run.resolve()),
                steps.longAndRepeatable("provision", step -> run.provision(stop)),
                steps.transferElsewhere(new MoverHandler(run, batch, limits, progress)),
                steps.longAndRepeatable("bind", step -> run.bind(stop)),
                steps.longAndRepeatable("release", step -> run.release()));
    }

    /** The job of a preview. It is never started again. */
    Job job(PreviewRun run) {
        StopRequest stop = batch.stop()::requested;
        return steps.job(
                PREVIEW,
                run.history(),
                steps.once("resolve", step -> run.resolve()),
                steps.longAndRepeatable("plan", step -> run.plan(stop)),
                steps.longAndRepeatable("release", step -> run.release()));
    }

    private Step transfer(RestoreRun run, StopRequest stop) {
        return switch (run) {
            case RestoreRun.Blocks blocks -> {
                TransferRanges ranges =
                        new TransferRanges(BlockBitmap.range(0, blocks.blockCount()));
                yield steps.transfer(
                        ranges, BlockRestoring.worker(batch, ranges, blocks.restore()), streams);
            }
            case RestoreRun.Files files ->
                    steps.longAndRepeatable("transfer", step -> files.restoreFiles(stop));
        };
    }
}
