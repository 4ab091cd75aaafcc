package io.varve.catalog;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The claims that definitions select and that cannot be backed up, in the table {@code
 * varve_unsupported_claim}. Safe for many threads and processes: each statement stands by itself.
 */
public final class UnsupportedClaims {

    /** As the column has it. */
    private static final int REASON_LENGTH = 4000;

    private final JdbcClient jdbc;

    public UnsupportedClaims(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Whose run found them. */
    public record Finder(String repositoryId, String cluster, String definition) {}

    /**
     * One of them.
     *
     * @param volume as its backups would be named
     */
    public record Claim(String repositoryId, String volume) {}

    /**
     * Stores all that a run found; what earlier runs of the definition found besides is no longer
     * so.
     *
     * @param reasons by volume
     */
    public void save(Finder finder, Map<String, String> reasons, Instant now) {
        // As the column keeps it: a row of now must not seem older than now.
        OffsetDateTime time = now.truncatedTo(ChronoUnit.MICROS).atOffset(ZoneOffset.UTC);
        reasons.forEach((volume, reason) -> save(finder, volume, cut(reason), time));
        jdbc.sql(
                        """
                        DELETE FROM varve_unsupported_claim
                        WHERE repository_id = ? AND cluster = ? AND definition = ? AND last_seen_at <> ?
                        """)
                .params(finder.repositoryId(), finder.cluster(), finder.definition(), time)
                .update();
    }

    private void save(Finder finder, String volume, String reason, OffsetDateTime now) {
        int known =
                jdbc.sql(
                                """
                                UPDATE varve_unsupported_claim SET reason = ?, last_seen_at = ?
                                WHERE repository_id = ? AND volume = ? AND definition = ?
                                """)
                        .params(reason, now, finder.repositoryId(), volume, finder.definition())
                        .update();
        if (known == 0) {
            try {
                jdbc.sql(
                                """
                                INSERT INTO varve_unsupported_claim (repository_id, volume, definition, cluster,
                                    reason, first_seen_at, last_seen_at)
                                VALUES (?, ?, ?, ?, ?, ?, ?)
                                """)
                        .params(finder.repositoryId(), volume, finder.definition())
                        .params(finder.cluster(), reason, now, now)
                        .update();
            } catch (DuplicateKeyException e) {
                // Another run of the definition has just said the same.
            }
        }
    }

    private static String cut(String reason) {
        return reason.substring(0, Math.min(reason.length(), REASON_LENGTH));
    }

    /** Those that runs have found since {@code since}, by volume. */
    public List<Claim> foundSince(Instant since) {
        return jdbc.sql(
                        """
                        SELECT DISTINCT repository_id, volume FROM varve_unsupported_claim
                        WHERE last_seen_at >= ? ORDER BY volume, repository_id
                        """)
                .param(since.atOffset(ZoneOffset.UTC))
                .query((row, number) -> new Claim(row.getString(1), row.getString(2)))
                .list();
    }

    /** Removes what no run has found since {@code before}. */
    public void prune(Instant before) {
        jdbc.sql("DELETE FROM varve_unsupported_claim WHERE last_seen_at < ?")
                .param(before.atOffset(ZoneOffset.UTC))
                .update();
    }
}
