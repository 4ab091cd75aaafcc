package io.varve.job;

import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import org.springframework.batch.core.job.JobInstance;
import org.springframework.batch.core.repository.JobRepository;

/** Removes old history. What a resume needs, and the last good run of each volume, stays. */
public final class HistoryPruning {

    /**
     * Finished runs that are old, but for the newest completed one of each kind of work on each
     * volume.
     */
    private static final String OLD_RUNS =
            """
            SELECT r.run_id FROM varve_run r
            WHERE r.finished_at < ? AND r.status IN ('COMPLETED', 'ABANDONED')
              AND r.run_id NOT IN (
                SELECT k.run_id FROM varve_run k
                WHERE k.status = 'COMPLETED' AND NOT EXISTS (
                    SELECT 1 FROM varve_run n
                    WHERE n.kind = k.kind AND n.repository_id = k.repository_id
                      AND n.volume = k.volume AND n.status = 'COMPLETED'
                      AND (n.finished_at > k.finished_at
                        OR (n.finished_at = k.finished_at AND n.run_id > k.run_id))))
            """;

    private static final String INSTANCES_OF_RUN =
            """
            SELECT DISTINCT e.job_instance_id FROM batch_job_execution e
            JOIN batch_job_execution_params p ON p.job_execution_id = e.job_execution_id
            WHERE p.parameter_name = 'run' AND p.parameter_value = ?
            """;

    private final JobRepository jobs;
    private final RunRecords records;

    public HistoryPruning(JobRepository jobs, RunRecords records) {
        this.jobs = jobs;
        this.records = records;
    }

    /**
     * What was removed.
     *
     * @param unfinished old runs that were kept because a resume may need them
     */
    public record Result(int runs, int jobInstances, int unfinished) {}

    /** Removes what ended longer ago than {@code keep}. */
    public Result prune(Duration keep) {
        var before = records.now().minus(keep).atOffset(ZoneOffset.UTC);
        List<String> old = records.jdbc().queryForList(OLD_RUNS, String.class, before);
        int instances = 0;
        for (String run : old) {
            instances += remove(run);
        }
        Integer unfinished =
                records.jdbc()
                        .queryForObject(
                                """
                                SELECT COUNT(*) FROM varve_run
                                WHERE created_at < ? AND status IN ('RUNNING', 'PUBLISHED')
                                """,
                                Integer.class,
                                before);
        return new Result(old.size(), instances, unfinished == null ? 0 : unfinished);
    }

    /** Batch's rows first: a death in between leaves a run that the next pruning finds. */
    private int remove(String run) {
        List<Long> instances = records.jdbc().queryForList(INSTANCES_OF_RUN, Long.class, run);
        for (long id : instances) {
            JobInstance instance = jobs.getJobInstance(id);
            if (instance != null) {
                jobs.deleteJobInstance(instance);
            }
        }
        records.transactions()
                .executeWithoutResult(
                        status -> {
                            for (String table :
                                    List.of(
                                            "varve_staged_block",
                                            "varve_indexed_pack",
                                            "varve_run_execution",
                                            "varve_run")) {
                                records.jdbc()
                                        .update("DELETE FROM " + table + " WHERE run_id = ?", run);
                            }
                        });
        return instances.size();
    }
}
