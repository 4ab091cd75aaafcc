package io.varve.job;

import io.varve.catalog.LeaseName;
import io.varve.catalog.Run;
import io.varve.kube.RunFate;
import java.time.Instant;
import java.util.Optional;

/**
 * Says of runs what a sweep may do with what they made in the cluster.
 *
 * @param stop of this process
 */
public record RunFates(RunRecords records, StopSignal stop) {

    /** By a run's id. */
    public RunFate of(String runId) {
        Optional<Run> run = records.runs().find(runId);
        if (run.isEmpty()) {
            return RunFate.UNKNOWN;
        }
        boolean mayGoOn =
                run.get().status().unfinished() && (isResumed(run.get()) || isHeld(run.get()));
        return mayGoOn ? RunFate.LIVE : RunFate.ENDED;
    }

    private boolean isResumed(Run run) {
        return run.kind() != Run.Kind.PREVIEW && records.resumable(run);
    }

    private boolean isHeld(Run run) {
        return records.leases()
                .holder(LeaseName.of(run))
                .filter(holder -> !holder.expired())
                .isPresent();
    }

    /** The database's clock. */
    public Instant now() {
        return records.now();
    }

    /** Whether nothing more is to be begun. */
    public boolean stopRequested() {
        return stop.requested();
    }
}
