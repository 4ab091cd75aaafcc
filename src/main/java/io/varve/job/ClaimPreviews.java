package io.varve.job;

import io.varve.catalog.Run;
import io.varve.mover.block.RestoreMode;
import io.varve.mover.block.StopRequest;
import io.varve.repository.Repository;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.batch.core.job.JobExecution;

/**
 * Says what restores in place would write, under the lease of such a restore. It asks for all that
 * the restore asks for before it takes the claim, and takes nothing.
 */
record ClaimPreviews(
        Repository repository,
        RunRecords records,
        ClaimRestores.ClaimTargets targets,
        Launch.Attempt attempt) {

    /**
     * Says it of one restore.
     *
     * @throws JobUsageException if a restore into the claim is unfinished
     */
    PreviewOutcome run(ClaimRestore restore) throws IOException {
        Instant start = records.now();
        requireNoRestore(restore);
        var leftovers = new RestoreLeftovers(records, targets, attempt.lease(), repository.id());
        leftovers.endPreviews(restore.place(), attempt.batch().stop()::requested);
        Run run = restore.begun(Run.Kind.PREVIEW, repository.id(), start);
        attempt.lease().change(() -> records.runs().create(run));
        PreviewRun steps =
                new PreviewRun(
                        run, records, repository, targets.of(restore, run.id()), attempt.lease());
        JobExecution execution =
                new Executions(attempt.batch(), records)
                        .start(new RestoreVolumeJob(attempt.batch(), 1).job(steps), run);
        // One that failed or was stopped: also then nothing of it stays.
        List<String> warnings =
                new ArrayList<>(
                        leftovers.endPreviews(restore.place(), StopRequest.NEVER::requested));
        return outcome(restore, steps, execution, start, warnings);
    }

    /** It may have the claim; and it is for whoever began it to end it. */
    private void requireNoRestore(ClaimRestore restore) throws JobUsageException {
        Optional<Run> found =
                records
                        .runs()
                        .unfinished(Run.Kind.RESTORE, repository.id(), restore.place())
                        .stream()
                        .findFirst();
        if (found.isPresent()) {
            Run run = found.get();
            Optional<Long> execution =
                    records.runs().executions(run.id()).stream().max(Long::compare);
            throw new JobUsageException(
                    "claim %s: the restore of backup %s into it is unfinished%s; go on with that, or give it up with 'varve job abandon%s', before another one is previewed"
                            .formatted(
                                    restore.target(),
                                    ClaimRestore.of(run).backupId(),
                                    execution.map(" (execution %d)"::formatted).orElse(""),
                                    execution.map(" %d"::formatted).orElse("")));
        }
    }

    private PreviewOutcome outcome(
            ClaimRestore restore,
            PreviewRun steps,
            JobExecution execution,
            Instant start,
            List<String> warnings) {
        RunStatus status = Executions.status(execution);
        Optional<PreviewRun.Plan> plan = steps.plan();
        plan.map(PreviewRun.Plan::warnings).ifPresent(warnings::addAll);
        return new PreviewOutcome(
                new RestoreOutcome(
                        status,
                        execution.getId(),
                        restore.backupId(),
                        restore.target(),
                        steps.backup().volumeBytes(),
                        0,
                        0,
                        0,
                        false,
                        plan.map(known -> known.scope().method())
                                .orElse(
                                        restore.mode() == RestoreMode.WHOLE
                                                ? RestoreMethod.WHOLE
                                                : RestoreMethod.COMPARED),
                        plan.map(known -> known.scope().reason())
                                .filter(reason -> !reason.isEmpty()),
                        false,
                        Duration.between(start, records.now()),
                        List.copyOf(warnings),
                        status == RunStatus.FAILED ? RunFailure.of(execution) : Optional.empty()),
                plan.map(PreviewRun.Plan::usedBy).orElse(List.of()),
                plan.map(PreviewRun.Plan::bytesAtMost));
    }
}
