package io.varve.job;

import io.varve.catalog.Run;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * What runs into a claim left that nobody goes on with. For who holds the lease of the claim.
 *
 * @param repositoryId of the runs
 */
record RestoreLeftovers(
        RunRecords records,
        ClaimRestores.ClaimTargets targets,
        HeldLease lease,
        String repositoryId) {

    /**
     * Removes from the cluster what a restore made there, and gives it up.
     *
     * @throws LeaseLostException if the run is a successor's by now
     */
    void giveUp(Run run, String why, BooleanSupplier stop) throws IOException {
        remove(run, stop);
        abandon(run, why);
    }

    private void remove(Run run, BooleanSupplier stop) throws IOException {
        lease.check();
        targets.of(ClaimRestore.of(run), run.id()).remove(stop);
    }

    /** Of a run that has made nothing, or removed it. */
    void abandon(Run run, String why) throws LeaseLostException {
        Run over = run.abandoned(List.of(why), records.now());
        lease.change(() -> records.runs().save(over));
    }

    /**
     * Ends all previews of the claim that did not come to their end: each begins anew.
     *
     * @return what could not be removed, which is left to a sweep: it is in nobody's way
     */
    List<String> endPreviews(String place, BooleanSupplier stop) throws IOException {
        List<String> left = new ArrayList<>();
        for (Run preview : records.runs().unfinished(Run.Kind.PREVIEW, repositoryId, place)) {
            try {
                remove(preview, stop);
            } catch (InterruptedIOException | LeaseLostException e) {
                throw e;
            } catch (IOException e) {
                left.add("left to the next sweep: " + e.getMessage());
            }
            abandon(preview, "a preview begins anew");
        }
        return left;
    }
}
