package io.varve.job;

import io.varve.catalog.Lease;
import io.varve.catalog.Leases;
import io.varve.mover.block.Fence;
import io.varve.mover.block.TransferProgress;
import java.io.Closeable;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.dao.DataAccessException;

/**
 * A lease that this process keeps: a thread of its own renews it, stores how far the work is, and
 * hears of a wish to stop. Safe for many threads.
 */
final class HeldLease implements Fence, Closeable {

    private static final long NO_EXECUTION = -1;

    /** Renewals in the time that a lease holds. */
    private static final int BEATS = 10;

    private final LeaseFence fence;
    private final RunRecords records;
    private final TransferProgress progress;
    private final AtomicLong execution = new AtomicLong(NO_EXECUTION);
    private final ScheduledExecutorService heart;

    private HeldLease(LeaseFence fence, RunRecords records, TransferProgress progress) {
        this.fence = fence;
        this.records = records;
        this.progress = progress;
        this.heart =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("lease").factory());
    }

    /**
     * Keeps a lease until it is closed.
     *
     * @param stop is given when somebody asks for it, and when the lease is lost
     */
    static HeldLease keep(
            Lease lease, RunRecords records, StopSignal stop, TransferProgress progress) {
        HeldLease held = new HeldLease(new LeaseFence(lease, records, stop), records, progress);
        long period = beat(records.leases()).toMillis();
        var _ =
                held.heart.scheduleAtFixedRate(
                        held::beatQuietly, period, period, TimeUnit.MILLISECONDS);
        return held;
    }

    /** How often a living holder renews its lease. */
    static Duration beat(Leases leases) {
        return leases.validity().dividedBy(BEATS);
    }

    Lease lease() {
        return fence.lease();
    }

    /** From now on progress is this execution's. */
    void works(long jobExecutionId) {
        execution.set(jobExecutionId);
        saveProgress();
    }

    /** The execution has ended: stores how far it came. */
    void worked() {
        saveProgress();
        execution.set(NO_EXECUTION);
    }

    /** A database that does not answer is no reason to stop: the next beat tries again. */
    private void beatQuietly() {
        try {
            renew();
            saveProgress();
        } catch (RuntimeException e) {
            // Whatever it is, the heart must go on: whether the lease still holds is asked before
            // anything is committed.
        }
    }

    /** Renews the lease now. */
    void renew() {
        fence.see(records.leases().renew(fence.lease()));
    }

    private void saveProgress() {
        long id = execution.get();
        if (id != NO_EXECUTION) {
            records.saveProgress(id, progress);
        }
    }

    /** Also locks the lease until the end of the transaction, if there is one. */
    @Override
    public void check() throws LeaseLostException {
        fence.check();
    }

    /** As {@link #check}, but waits for nobody who has the lease's row locked. */
    void look() throws LeaseLostException {
        fence.look();
    }

    /**
     * Changes rows that a successor would rely on, in one transaction with the check of the lease.
     */
    void change(Runnable rows) throws LeaseLostException {
        fence.change(rows);
    }

    void throwIfLost() throws LeaseLostException {
        fence.throwIfLost();
    }

    /** Gives the lease back. If the database does not answer, it expires. */
    @Override
    public void close() {
        // Not interrupted: H2 closes its file where a thread is.
        heart.shutdown();
        try {
            if (!heart.awaitTermination(5, TimeUnit.SECONDS)) {
                return;
            }
            records.leases().release(fence.lease());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (DataAccessException e) {
            // It expires.
        }
    }
}
