package io.varve.job.cluster;

import io.varve.kube.claim.SourceClaim;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

/**
 * Backs up the claims of a definition, some at once. What becomes of one is nothing to the others.
 *
 * <pre>
 * late   maxPrepared threads take a claim each: total of them go on to its transfer, the others take
 *        its VolumeSnapshot, which may be slow, and wait for their turn with it
 * early  all VolumeSnapshots are taken; then total threads go on to the transfers
 * </pre>
 */
final class ClaimQueue {

    /** Each has a lease to renew meanwhile; those beyond it follow as others become ready. */
    private static final int SNAPSHOTS_AT_ONCE = 50;

    private static final long POLL_MILLIS = 500;

    private final Worker worker;
    private final Limits limits;
    private final Semaphore transfers;

    /** Does what has to be done for single claims; a failure is a result. */
    interface Worker {

        /** Takes the VolumeSnapshot; the rest is left to {@link #backUp}. */
        Prepared prepare(SourceClaim claim);

        /**
         * Backs it up.
         *
         * @param prepared what was done before
         */
        VolumeResult backUp(SourceClaim claim, Prepared prepared);

        /** Whether nothing more is to be begun. */
        boolean stopRequested();
    }

    /**
     * A claim whose VolumeSnapshot is taken.
     *
     * @param ended what became of it, if nothing is left to be done
     * @param warnings of what was done so far
     */
    record Prepared(Optional<VolumeResult> ended, List<String> warnings) {

        /** One that nothing has been done for. */
        static final Prepared NOT = new Prepared(Optional.empty(), List.of());
    }

    /**
     * How much happens at once.
     *
     * @param total transfers
     * @param maxPrepared VolumeSnapshots, those of the transfers included
     * @param early whether all of them are taken at the start instead
     */
    record Limits(int total, int maxPrepared, boolean early) {}

    ClaimQueue(Worker worker, Limits limits) {
        this.worker = worker;
        this.limits = limits;
        // Fair: a VolumeSnapshot that waits is older than any that is not yet taken.
        this.transfers = new Semaphore(limits.total(), true);
    }

    /** The results, by the volumes' names. */
    List<VolumeResult> backUp(List<SourceClaim> claims) throws IOException {
        List<Prepared> prepared =
                limits.early()
                        ? all(SNAPSHOTS_AT_ONCE, claims, (claim, place) -> worker.prepare(claim))
                        : claims.stream().map(claim -> Prepared.NOT).toList();
        List<VolumeResult> results =
                all(
                        limits.maxPrepared(),
                        claims,
                        (claim, place) -> one(claim, prepared.get(place)));
        return results.stream().sorted(Comparator.comparing(VolumeResult::volume)).toList();
    }

    private VolumeResult one(SourceClaim claim, Prepared early) {
        Prepared prepared = early;
        boolean turn = awaitTurn(0);
        if (!turn && !limits.early()) {
            prepared = worker.prepare(claim);
        }
        try {
            while (!turn && prepared.ended().isEmpty() && !worker.stopRequested()) {
                turn = awaitTurn(POLL_MILLIS);
            }
            return prepared.ended().isPresent()
                    ? prepared.ended().get()
                    : worker.backUp(claim, prepared);
        } finally {
            if (turn) {
                transfers.release();
            }
        }
    }

    /** Not the shorthand without a time: it does not wait in line. */
    private boolean awaitTurn(long millis) {
        try {
            return transfers.tryAcquire(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Does the work for each claim, and waits for all. The second argument is its place. */
    private static <T> List<T> all(
            int atOnce, List<SourceClaim> claims, BiFunction<SourceClaim, Integer, T> work)
            throws IOException {
        try (ExecutorService threads = Executors.newFixedThreadPool(atOnce)) {
            List<Future<T>> running = new ArrayList<>();
            for (int each = 0; each < claims.size(); each++) {
                int place = each;
                running.add(threads.submit(() -> work.apply(claims.get(place), place)));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : running) {
                results.add(future.get());
            }
            return results;
        } catch (ExecutionException e) {
            throw new IOException(String.valueOf(e.getCause()), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while volumes were backed up");
        }
    }
}
