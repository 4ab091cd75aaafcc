package io.varve.repository;

import io.varve.repository.content.DamageException;
import java.util.List;

/**
 * The backups of a repository as of one moment. What cannot be read hides nothing else.
 *
 * @param backups newest first; checkpoints of unfinished runs are none
 * @param unreadable those whose manifests are there, but cannot be understood, by id
 * @param damaged contents with manifests that cannot be read: each may hide any backup, or the
 *     deletion of one that is listed
 */
public record BackupListing(
        List<Backup> backups, List<Unreadable> unreadable, List<DamageException> damaged) {

    public BackupListing {
        backups = List.copyOf(backups);
        unreadable = List.copyOf(unreadable);
        damaged = List.copyOf(damaged);
    }

    /**
     * A manifest that should be a backup.
     *
     * @param id of the manifest
     * @param damage why it cannot be read; its message names the manifest
     */
    public record Unreadable(String id, DamageException damage) {}
}
