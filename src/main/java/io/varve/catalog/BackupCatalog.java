package io.varve.catalog;

import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.support.TransactionOperations;

/**
 * The table {@code varve_backup}: a copy of what repositories list, for SQL alone. Nothing is
 * decided by it. Safe for many threads and processes.
 */
public final class BackupCatalog {

    private static final int BATCH = 1000;
    private static final int LONGEST_DESCRIPTION = 2000;

    private final JdbcOperations jdbc;
    private final TransactionOperations transactions;

    /**
     * @param transactions of the same data source, joining the open transaction
     */
    public BackupCatalog(JdbcOperations jdbc, TransactionOperations transactions) {
        this.jdbc = jdbc;
        this.transactions = transactions;
    }

    /** What a {@link #sync} changed. */
    public record Changes(int added, int removed) {}

    /** Whether it holds any backup of a repository. */
    public boolean knows(String repositoryId) {
        return !jdbc.queryForList(
                        "SELECT 1 FROM varve_backup WHERE repository_id = ? FETCH FIRST ROW ONLY",
                        repositoryId)
                .isEmpty();
    }

    /** Keeps exactly these backups of a repository. */
    public Changes sync(String repositoryId, Collection<BackupRecord> listed) {
        return transactions.execute(
                status -> {
                    Set<String> gone = new HashSet<>(ids(repositoryId));
                    Set<String> known = Set.copyOf(gone);
                    List<BackupRecord> added = new ArrayList<>();
                    for (BackupRecord backup : listed) {
                        gone.remove(backup.backupId());
                        if (!known.contains(backup.backupId())) {
                            added.add(backup);
                        }
                    }
                    remove(repositoryId, gone);
                    insert(repositoryId, added);
                    return new Changes(added.size(), gone.size());
                });
    }

    /** Adds a backup that was just published, or is known already. */
    public void add(String repositoryId, BackupRecord backup) {
        transactions.executeWithoutResult(
                status -> {
                    remove(repositoryId, List.of(backup.backupId()));
                    insert(repositoryId, List.of(backup));
                });
    }

    /** Removes backups that were deleted; unknown ones are ignored. */
    public void remove(String repositoryId, Collection<String> backupIds) {
        jdbc.batchUpdate(
                "DELETE FROM varve_backup WHERE repository_id = ? AND backup_id = ?",
                backupIds,
                BATCH,
                (row, id) -> {
                    row.setString(1, repositoryId);
                    row.setString(2, id);
                });
    }

    private List<String> ids(String repositoryId) {
        return jdbc.queryForList(
                "SELECT backup_id FROM varve_backup WHERE repository_id = ?",
                String.class,
                repositoryId);
    }

    private void insert(String repositoryId, Collection<BackupRecord> backups) {
        jdbc.batchUpdate(
                """
                INSERT INTO varve_backup (repository_id, backup_id, volume, type, reason, parent_id,
                    change_id, start_time, end_time, volume_bytes, stored_bytes, run_id, description)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                backups,
                BATCH,
                (row, backup) -> {
                    row.setString(1, repositoryId);
                    row.setString(2, backup.backupId());
                    row.setString(3, backup.volume());
                    row.setString(4, backup.type());
                    row.setString(5, backup.reason().orElse(null));
                    row.setString(6, backup.parentId().orElse(null));
                    row.setString(7, backup.changeId().orElse(null));
                    row.setObject(8, backup.startTime().atOffset(ZoneOffset.UTC));
                    row.setObject(9, backup.endTime().atOffset(ZoneOffset.UTC));
                    row.setLong(10, backup.volumeBytes());
                    row.setLong(11, backup.storedBytes());
                    row.setString(12, backup.runId().orElse(null));
                    row.setString(13, shortened(backup.description()));
                });
    }

    private static String shortened(String text) {
        return text.substring(0, Math.min(text.length(), LONGEST_DESCRIPTION));
    }
}
