package io.varve.repository;

import io.varve.format.CorruptFormatException;
import io.varve.format.manifest.ManifestEntry;
import io.varve.format.manifest.SnapshotManifest;
import io.varve.repository.content.DamageException;
import io.varve.repository.content.WriteSession;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The backups of one repository, always read as they are now. */
public final class Backups {

    private static final Comparator<Backup> NEWEST_FIRST =
            Comparator.comparing(Backup::startTime).thenComparing(Backup::id).reversed();

    private final Repository repository;

    Backups(Repository repository) {
        this.repository = repository;
    }

    /** All backups that can be read, newest first; checkpoints of unfinished runs are none. */
    public List<Backup> list() throws IOException {
        return listing().backups();
    }

    /**
     * All backups, and the manifests that cannot be understood.
     *
     * @throws DamageException if a content with manifests cannot be read: it might hold any backup
     */
    public BackupListing listing() throws IOException {
        BackupListing all = load();
        List<Backup> complete =
                all.backups().stream().filter(backup -> !backup.isIncomplete()).toList();
        return new BackupListing(complete, all.unreadable());
    }

    /** All backups and checkpoints of unfinished runs that can be read, newest first. */
    List<Backup> all() throws IOException {
        return load().backups();
    }

    private BackupListing load() throws IOException {
        List<Backup> backups = new ArrayList<>();
        List<BackupListing.Unreadable> unreadable = new ArrayList<>();
        for (ManifestEntry item : repository.manifests().load().values()) {
            if (isSnapshot(item)) {
                try {
                    backups.add(backup(item));
                } catch (DamageException e) {
                    unreadable.add(new BackupListing.Unreadable(item.id(), e));
                }
            }
        }
        backups.sort(NEWEST_FIRST);
        unreadable.sort(Comparator.comparing(BackupListing.Unreadable::id));
        return new BackupListing(backups, unreadable);
    }

    /**
     * The backup with this id.
     *
     * @throws DamageException if it is there, but its manifest cannot be understood
     */
    public Optional<Backup> find(String id) throws IOException {
        Optional<ManifestEntry> item = repository.manifests().find(id).filter(Backups::isSnapshot);
        return item.isEmpty() ? Optional.empty() : Optional.of(backup(item.get()));
    }

    /**
     * The backup with this id.
     *
     * @throws UnknownBackupException if there is none
     * @throws DamageException if its manifest cannot be understood
     */
    public Backup get(String id) throws IOException {
        return find(id).orElseThrow(() -> new UnknownBackupException(id));
    }

    /** Publishes a backup; visible when the session's index is flushed. */
    public void put(WriteSession session, Backup backup) throws IOException {
        SnapshotManifest manifest = backup.manifest();
        repository.manifests().put(session, backup.id(), manifest.labels(), manifest.encode());
    }

    /**
     * Deletes backups: their manifests. No data is moved; maintenance removes what nothing refers
     * to. One that cannot be read is deleted like any other.
     *
     * @throws UnknownBackupException if one is unknown; then none is deleted
     */
    public void delete(List<String> ids) throws IOException {
        Map<String, ManifestEntry> items = repository.manifests().load();
        for (String id : ids) {
            ManifestEntry item = items.get(id);
            if (item == null || !isSnapshot(item)) {
                throw new UnknownBackupException(id);
            }
        }
        try (WriteSession session = repository.newSession()) {
            for (String id : ids) {
                repository.manifests().delete(session, id);
            }
            session.finish();
        }
    }

    private static boolean isSnapshot(ManifestEntry item) {
        return SnapshotManifest.TYPE.equals(item.labels().get(ManifestEntry.TYPE));
    }

    private static Backup backup(ManifestEntry item) throws DamageException {
        try {
            Backup backup = new Backup(item.id(), SnapshotManifest.decode(item.data(), item.id()));
            backup.checkSize();
            return backup;
        } catch (CorruptFormatException e) {
            throw DamageException.ofManifest(item.id(), e);
        }
    }
}
