package io.varve.job;

import io.varve.catalog.Holder;
import io.varve.catalog.Lease;
import io.varve.catalog.LeaseName;
import io.varve.catalog.Leases;
import io.varve.catalog.Owner;
import io.varve.catalog.Run;
import io.varve.mover.block.TransferProgress;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/**
 * The one way that runs are started, whoever asks: take the lease of the volume, end what a dead
 * process left of it, start or restart, and again if the database failed meanwhile.
 */
final class Launch {

    private static final Duration POLL = Duration.ofMillis(250);

    /** How long a database may be gone; a relaunch helps later. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /** Failures in a row that are taken for passing ones. */
    private static final int ATTEMPTS = 5;

    /** An attempt that ran so long has got somewhere: failures are counted anew. */
    private static final Duration GOT_SOMEWHERE = Duration.ofMinutes(1);

    private final BatchInfrastructure batch;
    private final RunRecords records;
    private final Leases leases;
    private final Owner self;
    private final Duration patience;

    Launch(BatchInfrastructure batch, RunRecords records) {
        this(batch, records, PATIENCE);
    }

    /**
     * One that waits so long for a database that is gone.
     *
     * @param patience from the first failure to the last
     */
    Launch(BatchInfrastructure batch, RunRecords records, Duration patience) {
        this.batch = batch;
        this.records = records;
        this.leases = records.leases();
        this.self = records.writer().owner();
        this.patience = patience;
    }

    /**
     * What a run is carried out with.
     *
     * @param batch stops with the run, and asks its lease before each commit
     */
    record Attempt(BatchInfrastructure batch, HeldLease lease, TransferProgress progress) {}

    /** Begins a run or goes on with it; may be called again after the database has failed. */
    @FunctionalInterface
    interface Work<T extends RunOutcome> {
        T attempt(Attempt attempt) throws IOException;
    }

    /**
     * Does the work under a lease.
     *
     * @throws RunBusyException if a living process holds it
     * @throws LeaseLostException if another process took it over, and the work with it
     */
    <T extends RunOutcome> T run(LeaseName name, TransferProgress progress, Work<T> work)
            throws IOException {
        StopSignal stop = new StopSignal(batch.stop());
        records.metrics().begins(name, progress);
        try (HeldLease lease = HeldLease.keep(acquire(name), records, stop, progress)) {
            Attempt attempt = new Attempt(batch.forRun(stop, lease), lease, progress);
            int failures = 0;
            while (true) {
                long start = System.nanoTime();
                Optional<T> done = attempt(name, attempt, work, failures + 1 < ATTEMPTS);
                Duration took = Duration.ofNanos(System.nanoTime() - start);
                if (done.isPresent()) {
                    records.metrics().ended(name, done.get(), took, records.now());
                    return done.get();
                }
                boolean gotSomewhere = took.compareTo(GOT_SOMEWHERE) > 0;
                failures = gotSomewhere ? 1 : failures + 1;
                records.metrics().repeated(name);
                awaitDatabase(lease, stop, failures);
            }
        }
    }

    /** Something that is done under a lease. */
    @FunctionalInterface
    interface Holding<T> {
        T with(Attempt attempt) throws IOException;
    }

    /**
     * Does something short under a lease, which is no execution of a run and is not repeated.
     *
     * @throws RunBusyException if a living process holds it
     */
    <T> T hold(LeaseName name, Holding<T> work) throws IOException {
        StopSignal stop = new StopSignal(batch.stop());
        TransferProgress none = new TransferProgress();
        try (HeldLease lease = HeldLease.keep(acquire(name), records, stop, none)) {
            endDead(name);
            return work.with(new Attempt(batch.forRun(stop, lease), lease, none));
        }
    }

    /** Empty if the database failed in a way that passes. */
    private <T extends RunOutcome> Optional<T> attempt(
            LeaseName name, Attempt attempt, Work<T> work, boolean mayRepeat) throws IOException {
        try {
            endDead(name);
            attempt.progress().restart();
            T outcome = work.attempt(attempt);
            if (outcome.status() != RunStatus.COMPLETED) {
                throwIfLost(attempt.lease());
            }
            boolean passes =
                    outcome.status() == RunStatus.FAILED
                            && outcome.failure().filter(this::passes).isPresent();
            return passes && mayRepeat ? Optional.empty() : Optional.of(outcome);
        } catch (RuntimeException e) {
            throwIfLost(attempt.lease());
            if (mayRepeat && passes(e)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** What failed may have failed only because a successor went on with the same run. */
    private static void throwIfLost(HeldLease lease) throws LeaseLostException {
        try {
            lease.check();
        } catch (DataAccessException | TransactionException e) {
            // Not known before the database answers, and asked again then.
        }
    }

    private boolean passes(Throwable failure) {
        return DatabaseTrouble.passes(failure, records.writer().sharesDatabase());
    }

    /** Waits until the database answers, a little longer with each failure. */
    private void awaitDatabase(HeldLease lease, StopSignal stop, int failures) throws IOException {
        long end = System.nanoTime() + patience.toNanos();
        Pause.of(POLL.multipliedBy(1L << Math.min(failures, 5)));
        while (true) {
            try {
                lease.renew();
                lease.throwIfLost();
                return;
            } catch (DataAccessException | TransactionException e) {
                if (stop.requested() || System.nanoTime() > end || !passes(e)) {
                    throw e;
                }
                Pause.of(POLL);
            }
        }
    }

    /**
     * Takes the lease of a run. A holder that gives signs of life is busy; one that is known to be
     * dead is replaced at once, one that is only silent when its lease has expired and it stays
     * silent while it is watched: after the database was gone all leases have expired.
     *
     * @throws RunBusyException if somebody else has it
     */
    Lease acquire(LeaseName name) throws IOException {
        long end = System.nanoTime() + leases.validity().plus(watch().multipliedBy(2)).toNanos();
        Optional<Holder> seen = Optional.empty();
        long since = 0;
        while (true) {
            Optional<Lease> lease = takeFreeOrDead(name);
            if (lease.isPresent()) {
                return lease.get();
            }
            Optional<Holder> now = leases.holder(name);
            if (now.isPresent()) {
                Holder holder = now.get();
                boolean same = seen.filter(old -> old.token() == holder.token()).isPresent();
                if (!same) {
                    seen = now;
                    since = System.nanoTime();
                }
                boolean alive = isAlive(holder, seen.orElseThrow());
                if (!alive && holder.expired() && System.nanoTime() - since > watch().toNanos()) {
                    lease = leases.takeFrom(name, holder, self);
                    if (lease.isPresent()) {
                        return lease.get();
                    }
                }
                // Not before: a database that answers slowly must not make a dead holder look busy.
                if (alive || System.nanoTime() > end) {
                    records.metrics().busy(name);
                    throw new RunBusyException(
                            name, holder, records.runs().executionOf(holder.token(), name));
                }
            }
            Pause.of(POLL);
        }
    }

    /** A run that this process itself works on is busy, and so is one while a stop is wanted. */
    private boolean isAlive(Holder now, Holder before) {
        return now.owner().id().equals(self.id())
                || now.renewedAt().isAfter(before.renewedAt())
                || batch.stop().requested();
    }

    /** So long a living holder is never silent. */
    private Duration watch() {
        return HeldLease.beat(leases).multipliedBy(3);
    }

    private Optional<Lease> takeFreeOrDead(LeaseName name) {
        Optional<Lease> free = leases.tryAcquire(name, self);
        return free.isPresent()
                ? free
                : leases.holder(name)
                        .filter(holder -> ProcessIdentity.isDead(holder.owner()))
                        .flatMap(holder -> leases.takeFrom(name, holder, self));
    }

    /** Ends what dead processes left, of all volumes that no living process holds. */
    void recover() throws IOException {
        Map<LeaseName, Holder> silent = new LinkedHashMap<>();
        for (LeaseName name : new DeadExecutions(batch.jobs(), records).names()) {
            Optional<Lease> lease = takeFreeOrDead(name);
            if (lease.isPresent()) {
                endDead(lease.get());
            } else {
                leases.holder(name)
                        .filter(Holder::expired)
                        .ifPresent(holder -> silent.put(name, holder));
            }
        }
        if (!silent.isEmpty()) {
            Pause.of(watch());
            silent.forEach(
                    (name, holder) -> leases.takeFrom(name, holder, self).ifPresent(this::endDead));
        }
    }

    private void endDead(Lease lease) {
        try {
            endDead(lease.name());
        } finally {
            leases.release(lease);
        }
    }

    /** Ends what dead processes left of a volume. For who holds its lease. */
    void endDead(LeaseName name) {
        new DeadExecutions(batch.jobs(), records).endAll(name);
    }

    /** Marks the executions of a run as given up, so that Batch starts none of them again. */
    void abandonExecutions(Run run) {
        for (long id : records.runs().executions(run.id())) {
            JobExecution execution = batch.jobs().getJobExecution(id);
            if (execution != null && execution.getStatus() != BatchStatus.COMPLETED) {
                execution.setStatus(BatchStatus.ABANDONED);
                batch.jobs().update(execution);
            }
        }
    }
}
