package io.varve.catalog;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.springframework.jdbc.core.JdbcOperations;

/**
 * What the database says of a volume's backups: a row of the view {@code v_volumes}.
 *
 * @param age since the start of the newest backup, in seconds
 * @param changedBytes that the last incremental backup found
 * @param distrusted whether the storage's changed blocks were found wrong and are not used
 * @param failures of executions since the last good one
 * @param unfinishedRuns which somebody works on, or will
 */
public record VolumeSummary(
        String repositoryId,
        String volume,
        Optional<Instant> lastSuccess,
        OptionalLong age,
        long backups,
        long fulls,
        OptionalLong changedBytes,
        OptionalLong volumeBytes,
        boolean distrusted,
        long failures,
        long unfinishedRuns) {

    /** All volumes, by name. */
    public static List<VolumeSummary> all(JdbcOperations jdbc) {
        return jdbc.query(
                """
                SELECT repository_id, volume, EXTRACT(EPOCH FROM last_success) AS last_success, age_seconds,
                    backups, fulls, last_changed_bytes, volume_bytes,
                    COALESCE(last_reason IN ('TRACKING_WRONG', 'TRACKING_DISTRUSTED'), FALSE) AS distrusted,
                    failed_since_success, unfinished_runs
                FROM v_volumes ORDER BY volume, repository_id
                """,
                (row, number) ->
                        new VolumeSummary(
                                row.getString("repository_id"),
                                row.getString("volume"),
                                known(row.getLong("last_success"), row.wasNull()).stream()
                                        .mapToObj(Instant::ofEpochSecond)
                                        .findFirst(),
                                known(row.getLong("age_seconds"), row.wasNull()),
                                row.getLong("backups"),
                                row.getLong("fulls"),
                                known(row.getLong("last_changed_bytes"), row.wasNull()),
                                known(row.getLong("volume_bytes"), row.wasNull()),
                                row.getBoolean("distrusted"),
                                row.getLong("failed_since_success"),
                                row.getLong("unfinished_runs")));
    }

    private static OptionalLong known(long value, boolean isNull) {
        return isNull ? OptionalLong.empty() : OptionalLong.of(value);
    }
}
