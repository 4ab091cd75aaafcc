package io.varve.job;

import io.varve.catalog.ExecutionProgress;
import io.varve.catalog.Holder;
import io.varve.catalog.Lease;
import io.varve.catalog.LeaseName;
import io.varve.mover.block.Fence;
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
final class MoverLease implements Fence, Closeable {

    private final Lease lease;
    private final RunRecords records;
    private final StopSignal stop;
    private final ScheduledExecutorService heart =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("lease").factory());
    private volatile boolean lost;

    private MoverLease(Lease lease, RunRecords records, StopSignal stop) {
        this.lease = lease;
        this.records = records;
        this.stop = stop;
    }

    /**
     * Looks at a lease until it is closed, and stores how far the work is.
     *
     * @param token that the launcher took it with
     * @param stop is given when somebody asks for it, and when the lease is lost
     * @throws LeaseLostException if it is another's by now
     */
    static MoverLease watch(
            LeaseName name, long token, RunRecords records, StopSignal stop, Runnable eachBeat)
            throws LeaseLostException {
        Optional<Holder> holder = records.leases().holder(name);
        if (holder.filter(now -> now.token() == token).isEmpty()) {
            throw new LeaseLostException(name, holder);
        }
        MoverLease watched =
                new MoverLease(new Lease(name, holder.get().owner(), token), records, stop);
        long period = HeldLease.beat(records.leases()).toMillis();
        var _ =
                watched.heart.scheduleAtFixedRate(
                        () -> watched.beat(eachBeat), period, period, TimeUnit.MILLISECONDS);
        return watched;
    }

    /** A database that does not answer is no reason to stop: the next beat tries again. */
    private void beat(Runnable eachBeat) {
        try {
            Optional<Holder> now = records.leases().holder(lease.name());
            if (now.filter(holder -> holder.token() == lease.token()).isEmpty()) {
                lose();
            } else if (now.get().stopRequested()) {
                stop.request();
            }
            eachBeat.run();
        } catch (RuntimeException e) {
            // Whatever it is, the heart must go on.
        }
    }

    /** Stores how far {@code progress} is as that of an execution. */
    static Runnable saving(RunRecords records, long execution, TransferProgress progress) {
        return () ->
                records.runs()
                        .saveProgress(
                                execution,
                                new ExecutionProgress(
                                        progress.doneBytes(),
                                        progress.totalBytes(),
                                        progress.readBytes(),
                                        progress.storedBytes()));
    }

    private void lose() {
        lost = true;
        stop.request();
    }

    /** Whether it still is that launcher's; locks it until the end of the transaction. */
    boolean holds() {
        return !lost && records.leases().holds(lease);
    }

    /** Also locks the lease until the end of the transaction, if there is one. */
    @Override
    public void check() throws LeaseLostException {
        if (!lost && !records.leases().holds(lease)) {
            lose();
        }
        if (lost) {
            throw new LeaseLostException(lease.name(), records.leases().holder(lease.name()));
        }
    }

    @Override
    public void close() {
        // Not interrupted, as that of a held lease.
        heart.shutdown();
        try {
            var _ = heart.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
