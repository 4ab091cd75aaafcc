package io.varve.catalog;

import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.support.TransactionOperations;

/**
 * The table {@code varve_backup}: a copy of what repositories list, for SQL alone. Nothing is
 * decided by it. Safe for many threads and processes.
 */
public final class BackupCatalog {

    private static final int BATCH = 1000;
    private static final int ATTEMPTS = 5;

    // Of the columns, in characters.
    private static final int LONGEST_VOLUME = 512;
    private static final int LONGEST_TYPE = 16;
    private static final int LONGEST_ID = 64;
    private static final int LONGEST_CHANGE_ID = 512;
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

    /** The backups of a repository that it holds. */
    public Set<String> ids(String repositoryId) {
        return new HashSet<>(
                jdbc.queryForList(
                        "SELECT backup_id FROM varve_backup WHERE repository_id = ?",
                        String.class,
                        repositoryId));
    }

    /**
     * Adds what a repository lists, and removes what it lists no more. A backup that another
     * process adds meanwhile stays: the list may be older.
     *
     * @param before the {@link #ids} before it was listed
     */
    public Changes sync(String repositoryId, Set<String> before, Collection<BackupRecord> listed) {
        for (int attempt = 1; true; attempt++) {
            try {
                return transactions.execute(status -> change(repositoryId, before, listed));
            } catch (DuplicateKeyException e) {
                // Another process adds the same ones.
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private Changes change(
            String repositoryId, Set<String> before, Collection<BackupRecord> listed) {
        Set<String> known = ids(repositoryId);
        Set<String> gone = new HashSet<>(before);
        gone.retainAll(known);
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
                    row.setString(3, fitting(backup.volume(), LONGEST_VOLUME));
                    row.setString(4, fitting(backup.type(), LONGEST_TYPE));
                    row.setString(5, fitting(backup.reason(), LONGEST_ID));
                    row.setString(6, fitting(backup.parentId(), LONGEST_ID));
                    row.setString(7, fitting(backup.changeId(), LONGEST_CHANGE_ID));
                    row.setObject(8, backup.startTime().atOffset(ZoneOffset.UTC));
                    row.setObject(9, backup.endTime().atOffset(ZoneOffset.UTC));
                    row.setLong(10, backup.volumeBytes());
                    row.setLong(11, backup.storedBytes());
                    row.setString(12, fitting(backup.runId(), LONGEST_ID));
                    row.setString(13, fitting(backup.description(), LONGEST_DESCRIPTION));
                });
    }

    private static @Nullable String fitting(Optional<String> text, int longest) {
        return text.map(present -> fitting(present, longest)).orElse(null);
    }

    /**
     * Others may have written anything into their manifests: it must not keep a backup from
     * running. PostgreSQL stores no NUL.
     */
    private static String fitting(String text, int longest) {
        String printable = text.replace('\0', '?');
        if (printable.length() <= longest) {
            return printable;
        }
        boolean splitsPair = Character.isHighSurrogate(printable.charAt(longest - 1));
        return printable.substring(0, splitsPair ? longest - 1 : longest);
    }
}
