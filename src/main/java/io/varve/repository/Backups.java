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

    /** Value of the label {@code type} on snapshots. */
    private static final String SNAPSHOT = "snapshot";

    private static final Comparator<Backup> NEWEST_FIRST =
            Comparator.comparing(Backup::startTime).thenComparing(Backup::id).reversed();

    private final Repository repository;

    Backups(Repository repository) {
        this.repository = repository;
    }

    /**
     * All backups, newest first; checkpoints of unfinished runs are none.
     *
     * @throws DamageException if a manifest cannot be read
     */
    public List<Backup> list() throws IOException {
        List<Backup> backups = all();
        backups.removeIf(Backup::isIncomplete);
        return backups;
    }

    /** All backups and checkpoints of unfinished runs, newest first. */
    List<Backup> all() throws IOException {
        List<Backup> backups = new ArrayList<>();
        for (ManifestEntry item : repository.manifests().load().values()) {
            if (SNAPSHOT.equals(item.labels().get("type"))) {
                backups.add(backup(item));
            }
        }
        backups.sort(NEWEST_FIRST);
        return backups;
    }

    /** The backup with this id. */
    public Optional<Backup> find(String id) throws IOException {
        Optional<ManifestEntry> item = repository.manifests().find(id);
        if (item.isEmpty() || !SNAPSHOT.equals(item.get().labels().get("type"))) {
            return Optional.empty();
        }
        return Optional.of(backup(item.get()));
    }

    /** The backup with this id. */
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
     * to.
     *
     * @throws UnknownBackupException if one is unknown; then none is deleted
     */
    public void delete(List<String> ids) throws IOException {
        for (String id : ids) {
            get(id);
        }
        try (WriteSession session = repository.newSession()) {
            for (String id : ids) {
                repository.manifests().delete(session, id);
            }
            session.finish();
        }
    }

    private static Backup backup(ManifestEntry item) throws DamageException {
        try {
            return new Backup(item.id(), SnapshotManifest.decode(item.data(), item.id()));
        } catch (CorruptFormatException e) {
            throw DamageException.ofManifest(item.id(), e);
        }
    }
}
