package io.varve.job;

import io.varve.catalog.ExecutionProgress;
import io.varve.catalog.Holder;
import io.varve.catalog.Lease;
import io.varve.catalog.Leases;
import io.varve.mover.block.Fence;
import io.varve.mover.block.TransferProgress;
import java.io.Closeable;
import java.time.Duration;
import java.util.Optional;
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

    private final Lease lease;
    private final RunRecords records;
    private final StopSignal stop;
    private final TransferProgress progress;
    private final AtomicLong execution = new AtomicLong(NO_EXECUTION);
    private final ScheduledExecutorService heart;
    private volatile boolean lost;

    private HeldLease(Lease lease, RunRecords records, StopSignal stop, TransferProgress progress) {
        this.lease = lease;
        this.records = records;
        this.stop = stop;
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
        HeldLease held = new HeldLease(lease, records, stop, progress);
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
        return lease;
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
        Optional<Holder> now = records.leases().renew(lease);
        if (now.isEmpty()) {
            lose();
        } else if (now.get().stopRequested()) {
            stop.request();
        }
    }

    private void saveProgress() {
        long id = execution.get();
        if (id != NO_EXECUTION) {
            records.runs()
                    .saveProgress(
                            id,
                            new ExecutionProgress(
                                    progress.doneBytes(),
                                    progress.totalBytes(),
                                    progress.readBytes(),
                                    progress.storedBytes()));
        }
    }

    private synchronized void lose() {
        if (!lost) {
            records.metrics().lost(lease.name());
        }
        lost = true;
        stop.request();
    }

    /** Also locks the lease until the end of the transaction, if there is one. */
    @Override
    public void check() throws LeaseLostException {
        if (!lost && !records.leases().holds(lease)) {
            lose();
        }
        throwIfLost();
    }

    /**
     * Changes rows that a successor would rely on, in one transaction with the check of the lease.
     */
    void change(Runnable rows) throws LeaseLostException {
        Boolean held =
                records.transactions()
                        .execute(
                                status -> {
                                    boolean holds = !lost && records.leases().holds(lease);
                                    if (holds) {
                                        rows.run();
                                    }
                                    return holds;
                                });
        if (!Boolean.TRUE.equals(held)) {
            lose();
        }
        throwIfLost();
    }

    void throwIfLost() throws LeaseLostException {
        if (lost) {
            throw new LeaseLostException(lease.name(), holder());
        }
    }

    private Optional<Holder> holder() {
        try {
            return records.leases().holder(lease.name());
        } catch (DataAccessException e) {
            return Optional.empty();
        }
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
            records.leases().release(lease);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (DataAccessException e) {
            // It expires.
        }
    }
}
