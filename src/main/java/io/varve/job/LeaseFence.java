package io.varve.job;

import io.varve.catalog.Holder;
import io.varve.catalog.Lease;
import io.varve.mover.block.Fence;
import java.util.Optional;
import org.springframework.dao.DataAccessException;

/**
 * The right to commit under a lease: asked before each commit, and once lost, lost for good. Safe
 * for many threads.
 */
final class LeaseFence implements Fence {

    private final Lease lease;
    private final RunRecords records;
    private final StopSignal stop;
    private volatile boolean lost;

    /**
     * @param stop is given when somebody asks for it, and when the lease is lost
     */
    LeaseFence(Lease lease, RunRecords records, StopSignal stop) {
        this.lease = lease;
        this.records = records;
        this.stop = stop;
    }

    Lease lease() {
        return lease;
    }

    /**
     * Takes note of the lease as it is stored.
     *
     * @param now empty if it is another's
     */
    void see(Optional<Holder> now) {
        if (now.isEmpty()) {
            lose();
        } else if (now.get().stopRequested()) {
            stop.request();
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
        if (!holds()) {
            lose();
        }
        throwIfLost();
    }

    /**
     * As {@link #check}, but waits for nobody: a mover that hangs in a transaction has the lease's
     * row locked, and must be stopped all the same.
     */
    void look() throws LeaseLostException {
        refresh();
        throwIfLost();
    }

    /** Takes note of the lease as it is stored now, without locking it. */
    void refresh() {
        see(
                records.leases()
                        .holder(lease.name())
                        .filter(holder -> holder.token() == lease.token()));
    }

    private boolean holds() {
        return !lost && records.leases().holds(lease);
    }

    /**
     * Changes rows that a successor would rely on, in one transaction with the check of the lease.
     */
    void change(Runnable rows) throws LeaseLostException {
        Boolean held =
                records.transactions()
                        .execute(
                                status -> {
                                    boolean holds = holds();
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
}
