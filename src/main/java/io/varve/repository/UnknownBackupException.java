package io.varve.repository;

import java.io.IOException;

/** No backup has this id. */
public final class UnknownBackupException extends IOException {

    /** Nothing has the id {@code id}, or what has it is no backup. */
    public UnknownBackupException(String id) {
        super(
                "no backup %s in this repository; 'varve backup list --all' shows them"
                        .formatted(id));
    }
}
