package io.varve.job;

import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.springframework.batch.core.job.DefaultJobKeyGenerator;
import org.springframework.batch.core.job.JobKeyGenerator;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Removes old history. What a resume needs, and the last good run of each volume, stays.
 *
 * <p>A run's job instance is found by its key, which Batch makes of the run's parameters, so that
 * one without executions goes too: parameters are stored with executions only. Nothing else tells
 * whose such an instance is, nor how old; a living process that has just made one is about to start
 * it. But its run is unfinished as long, and the instances of unfinished runs are never touched.
 */
public final class HistoryPruning {

    /** Runs that one transaction removes: some twenty statements, whatever the number of rows. */
    private static final int RUNS_AT_ONCE = 500;

    /**
     * Finished runs that are old, but for the newest completed one of each kind of work on each
     * volume.
     */
    private static final String OLD_RUNS =
            """
            SELECT run_id, kind, repository_id, volume FROM (
                SELECT run_id, kind, repository_id, volume, status, finished_at, ROW_NUMBER() OVER (
                    PARTITION BY kind, repository_id, volume, status
                    ORDER BY finished_at DESC, run_id DESC) AS place
                FROM varve_run WHERE status IN ('COMPLETED', 'ABANDONED')
            ) r
            WHERE finished_at < ? AND (place > 1 OR status = 'ABANDONED')
            ORDER BY run_id
            """;

    private static final String STARTED_INSTANCES =
            """
            SELECT DISTINCT e.job_instance_id FROM batch_job_execution e
            JOIN varve_run_execution x ON x.job_execution_id = e.job_execution_id
            WHERE x.run_id IN (:runs)
            """;

    private static final String INSTANCES_BY_KEY =
            """
            SELECT job_instance_id FROM batch_job_instance
            WHERE job_name IN ('%s', '%s', '%s', '%s') AND job_key IN (:keys)
            """
                    .formatted(
                            BackupVolumeJob.NAME,
                            RestoreVolumeJob.NAME,
                            RestoreVolumeJob.PREVIEW,
                            DeleteBackupJob.NAME);

    private static final String EXECUTIONS_OF_INSTANCES =
            "(SELECT job_execution_id FROM batch_job_execution WHERE job_instance_id IN (:instances))";

    /** Rows that refer to others go first. */
    private static final List<String> DELETE_INSTANCES =
            List.of(
                    """
                    DELETE FROM batch_step_execution_context WHERE step_execution_id IN (
                        SELECT step_execution_id FROM batch_step_execution WHERE job_execution_id IN\s"""
                            + EXECUTIONS_OF_INSTANCES
                            + ")",
                    "DELETE FROM batch_step_execution WHERE job_execution_id IN "
                            + EXECUTIONS_OF_INSTANCES,
                    "DELETE FROM batch_job_execution_context WHERE job_execution_id IN "
                            + EXECUTIONS_OF_INSTANCES,
                    "DELETE FROM batch_job_execution_params WHERE job_execution_id IN "
                            + EXECUTIONS_OF_INSTANCES,
                    "DELETE FROM batch_job_execution WHERE job_instance_id IN (:instances)",
                    "DELETE FROM batch_job_instance WHERE job_instance_id IN (:instances)");

    private static final List<String> DELETE_RUNS =
            List.of(
                    "DELETE FROM varve_staged_block WHERE run_id IN (:runs)",
                    "DELETE FROM varve_indexed_pack WHERE run_id IN (:runs)",
                    "DELETE FROM varve_run_execution WHERE run_id IN (:runs)",
                    "DELETE FROM varve_run WHERE run_id IN (:runs)");

    private final RunRecords records;
    private final JdbcClient jdbc;
    private final JobKeyGenerator keys = new DefaultJobKeyGenerator();

    public HistoryPruning(RunRecords records) {
        this.records = records;
        this.jdbc = JdbcClient.create(records.jdbc());
    }

    /**
     * What was removed.
     *
     * @param unfinished old runs that were kept because a resume may need them
     */
    public record Result(int runs, int jobInstances, int unfinished) {

        private Result plus(Result other) {
            return new Result(
                    runs + other.runs,
                    jobInstances + other.jobInstances,
                    unfinished + other.unfinished);
        }
    }

    private record OldRun(String id, String jobKey) {}

    /** Removes what ended longer ago than {@code keep}. */
    public Result prune(Duration keep) {
        OffsetDateTime before = records.now().minus(keep).atOffset(ZoneOffset.UTC);
        List<OldRun> old =
                jdbc.sql(OLD_RUNS)
                        .param(before)
                        .query(
                                (row, number) ->
                                        new OldRun(
                                                row.getString("run_id"),
                                                keys.generateKey(
                                                        Executions.parameters(
                                                                row.getString("repository_id"),
                                                                row.getString("volume"),
                                                                row.getString("run_id")))))
                        .list();
        Result removed = new Result(0, 0, unfinished(before));
        for (int first = 0; first < old.size(); first += RUNS_AT_ONCE) {
            List<OldRun> some = old.subList(first, Math.min(old.size(), first + RUNS_AT_ONCE));
            removed = removed.plus(remove(some));
        }
        records.unsupported().prune(before.toInstant());
        return removed;
    }

    private int unfinished(OffsetDateTime before) {
        return jdbc.sql(
                        """
                        SELECT COUNT(*) FROM varve_run
                        WHERE created_at < ? AND status IN ('RUNNING', 'PUBLISHED')
                        """)
                .param(before)
                .query((row, number) -> row.getInt(1))
                .single();
    }

    /** All of these runs or none. */
    private Result remove(List<OldRun> old) {
        return records.transactions()
                .execute(
                        status -> {
                            List<String> runs = old.stream().map(OldRun::id).toList();
                            Set<Long> instances = instances(old, runs);
                            for (String sql : DELETE_INSTANCES) {
                                if (!instances.isEmpty()) {
                                    jdbc.sql(sql).param("instances", instances).update();
                                }
                            }
                            int removed = 0;
                            for (String sql : DELETE_RUNS) {
                                removed = jdbc.sql(sql).param("runs", runs).update();
                            }
                            return new Result(removed, instances.size(), 0);
                        });
    }

    private Set<Long> instances(List<OldRun> old, List<String> runs) {
        Set<Long> instances =
                new LinkedHashSet<>(
                        jdbc.sql(STARTED_INSTANCES)
                                .param("runs", runs)
                                .query((row, number) -> row.getLong(1))
                                .list());
        instances.addAll(
                jdbc.sql(INSTANCES_BY_KEY)
                        .param("keys", old.stream().map(OldRun::jobKey).toList())
                        .query((row, number) -> row.getLong(1))
                        .list());
        return instances;
    }
}
