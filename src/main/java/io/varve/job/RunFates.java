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
                run.get().status().unfinished()
                        && (records.resumable(run.get()) || isHeld(run.get()));
        return mayGoOn ? RunFate.LIVE : RunFate.ENDED;
    }

    private boolean isHeld(Run run) {
        return records.leases()
                .holder(new LeaseName(run.kind(), run.repositoryId(), run.volume()))
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
