package io.varve.job;

import io.varve.catalog.BackupCatalog;
import io.varve.catalog.BackupRecord;
import io.varve.repository.Backup;
import io.varve.repository.BackupListing;
import io.varve.repository.BackupTags;
import io.varve.repository.Repository;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/** Makes the catalog's copy of a repository's list of backups anew. */
public final class CatalogSync {

    private final RunRecords records;

    public CatalogSync(RunRecords records) {
        this.records = records;
    }

    /**
     * What was found.
     *
     * @param unreadable manifests that could not be read: their backups are not in the catalog
     */
    public record Result(int backups, int added, int removed, int unreadable) {}

    /** Lists the repository and keeps what it lists. */
    public Result sync(Repository repository) throws IOException {
        Set<String> before = records.backups().ids(repository.id());
        BackupListing listing = repository.backups().listing();
        List<BackupRecord> backups =
                listing.backups().stream()
                        .filter(Backup::isBlock)
                        .map(CatalogSync::record)
                        .toList();
        BackupCatalog.Changes changes = records.backups().sync(repository.id(), before, backups);
        return new Result(
                backups.size(),
                changes.added(),
                changes.removed(),
                listing.unreadable().size() + listing.damaged().size());
    }

    /**
     * The first time that this database meets a repository: it may be a new one. Before a backup
     * adds a row of its own, since afterwards nothing would tell that the others are missing.
     */
    void syncIfNew(Repository repository) throws IOException {
        if (!records.backups().knows(repository.id())) {
            sync(repository);
        }
    }

    private static BackupRecord record(Backup backup) {
        return new BackupRecord(
                backup.id(),
                backup.volume(),
                backup.type().orElse("UNKNOWN"),
                backup.tag(BackupTags.REASON),
                backup.parentId(),
                backup.changeId(),
                backup.startTime(),
                backup.manifest().endTime(),
                backup.volumeBytes(),
                backup.storedBytes().orElse(0L),
                backup.tag(BackupTags.RUN),
                backup.manifest().description());
    }
}
