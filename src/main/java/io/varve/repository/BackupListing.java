package io.varve.repository;

import io.varve.repository.content.DamageException;
import java.util.List;

/**
 * The backups of a repository as of one moment. One that cannot be read hides no other.
 *
 * @param backups newest first; checkpoints of unfinished runs are none
 * @param unreadable those whose manifests are there, but cannot be understood, by id
 */
public record BackupListing(List<Backup> backups, List<Unreadable> unreadable) {

    public BackupListing {
        backups = List.copyOf(backups);
        unreadable = List.copyOf(unreadable);
    }

    /**
     * A manifest that should be a backup.
     *
     * @param id of the manifest
     * @param damage why it cannot be read; its message names the manifest
     */
    public record Unreadable(String id, DamageException damage) {}
}
