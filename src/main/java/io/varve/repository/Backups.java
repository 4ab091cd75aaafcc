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

    /** All backups, the manifests that cannot be understood, and contents that cannot be read. */
    public BackupListing listing() throws IOException {
        BackupListing all = load();
        List<Backup> complete =
                all.backups().stream().filter(backup -> !backup.isIncomplete()).toList();
        return new BackupListing(complete, all.unreadable(), all.damaged());
    }

    /** All backups and checkpoints of unfinished runs that can be read, newest first. */
    List<Backup> all() throws IOException {
        return load().backups();
    }

    private BackupListing load() throws IOException {
        List<Backup> backups = new ArrayList<>();
        List<BackupListing.Unreadable> unreadable = new ArrayList<>();
        ManifestListing manifests = repository.manifests().load();
        for (ManifestEntry item : manifests.items().values()) {
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
        return new BackupListing(backups, unreadable, manifests.damaged());
    }

    /**
     * What can be said of one backup.
     *
     * @param backup empty if it is not there, as far as can be seen
     * @param damaged contents with manifests that cannot be read: each may hold the backup, or its
     *     deletion
     */
    public record Lookup(Optional<Backup> backup, List<DamageException> damaged) {

        /** The backup, if nothing that cannot be read may say that it was deleted. */
        public Optional<Backup> certain() {
            return backup.filter(found -> damaged.isEmpty());
        }
    }

    /**
     * Looks for the backup with this id.
     *
     * @throws DamageException if it is there, but its manifest cannot be understood
     */
    public Lookup lookUp(String id) throws IOException {
        ManifestListing manifests = repository.manifests().load();
        ManifestEntry item = manifests.items().get(id);
        return item == null || !isSnapshot(item)
                ? new Lookup(Optional.empty(), manifests.damaged())
                : new Lookup(Optional.of(backup(item)), manifests.damaged());
    }

    /**
     * The backup with this id, as far as can be seen: see {@link #lookUp}.
     *
     * @throws DamageException if it is there, but its manifest cannot be understood
     */
    public Optional<Backup> find(String id) throws IOException {
        return lookUp(id).backup();
    }

    /**
     * The backup with this id.
     *
     * @throws UnknownBackupException if there is none
     * @throws DamageException if its manifest cannot be understood, or may lie in a content that
     *     cannot be read
     */
    public Backup get(String id) throws IOException {
        Lookup lookup = lookUp(id);
        if (lookup.backup().isEmpty()) {
            throw notFound(id, lookup.damaged());
        }
        return lookup.backup().get();
    }

    private static IOException notFound(String id, List<DamageException> damaged) {
        return damaged.isEmpty()
                ? new UnknownBackupException(id)
                : damaged.getFirst().mayHide("backup " + id);
    }

    /**
     * Which of these backups are there, also those that cannot be understood.
     *
     * @throws DamageException if one may lie in a content that cannot be read
     */
    public List<String> present(List<String> ids) throws IOException {
        ManifestListing manifests = repository.manifests().load();
        List<String> present = new ArrayList<>();
        for (String id : ids) {
            ManifestEntry item = manifests.items().get(id);
            if (item != null && isSnapshot(item)) {
                present.add(id);
            } else if (!manifests.damaged().isEmpty()) {
                throw notFound(id, manifests.damaged());
            }
        }
        return present;
    }

    /** Publishes a backup; visible when the session's index is flushed. */
    public void put(WriteSession session, Backup backup) throws IOException {
        SnapshotManifest manifest = backup.manifest();
        repository.manifests().put(session, backup.id(), manifest.labels(), manifest.encode());
    }

    /**
     * Deletes backups: their manifests. No data is moved; maintenance removes what nothing refers
     * to. One that cannot be understood is deleted like any other.
     *
     * @throws UnknownBackupException if one is unknown; then none is deleted
     * @throws DamageException if one may lie in a content that cannot be read; then none is deleted
     */
    public void delete(List<String> ids) throws IOException {
        ManifestListing manifests = repository.manifests().load();
        for (String id : ids) {
            ManifestEntry item = manifests.items().get(id);
            if (item == null || !isSnapshot(item)) {
                throw notFound(id, manifests.damaged());
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
