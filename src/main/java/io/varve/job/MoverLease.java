package io.varve.job;

import io.varve.catalog.Holder;
import io.varve.catalog.Lease;
import io.varve.catalog.LeaseName;
import io.varve.mover.block.TransferProgress;
import java.io.Closeable;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The lease of a launcher, as its mover sees it: the launcher renews it, the mover asks before each
 * commit whether it still is that launcher's. It outlives a dead launcher until another one takes
 * it, so that what the mover copies meanwhile is not lost. Safe for many threads.
 */
final class MoverLease implements Closeable {

    private final LeaseFence fence;
    private final RunRecords records;
    private final long execution;
    private final TransferProgress progress;
    private final ScheduledExecutorService heart =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("lease").factory());

    private MoverLease(
            LeaseFence fence, RunRecords records, long execution, TransferProgress progress) {
        this.fence = fence;
        this.records = records;
        this.execution = execution;
        this.progress = progress;
    }

    /**
     * Looks at a lease until it is closed, and stores how far the work is.
     *
     * @param stop is given when somebody asks for it, and when the lease is lost
     * @throws LeaseLostException if it is another's by now
     */
    static MoverLease watch(
            LeaseName name,
            MoverRuns.Task task,
            RunRecords records,
            StopSignal stop,
            TransferProgress progress)
            throws LeaseLostException {
        Optional<Holder> holder = records.leases().holder(name);
        if (holder.filter(now -> now.token() == task.token()).isEmpty()) {
            throw new LeaseLostException(name, holder);
        }
        Lease lease = new Lease(name, holder.get().owner(), task.token());
        MoverLease watched =
                new MoverLease(
                        new LeaseFence(lease, records, stop), records, task.execution(), progress);
        long period = HeldLease.beat(records.leases()).toMillis();
        var _ =
                watched.heart.scheduleAtFixedRate(
                        watched::beat, period, period, TimeUnit.MILLISECONDS);
        return watched;
    }

    LeaseFence fence() {
        return fence;
    }

    /** A database that does not answer is no reason to stop: the next beat tries again. */
    private void beat() {
        try {
            fence.refresh();
            records.saveProgress(execution, progress);
        } catch (RuntimeException e) {
            // Whatever it is, the heart must go on: whether the lease still holds is asked before
            // anything is committed.
        }
    }

    /** Stores how far the work came, if the database answers. */
    @Override
    public void close() {
        // Not interrupted, as that of a held lease.
        heart.shutdown();
        try {
            var _ = heart.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        beat();
    }
}
