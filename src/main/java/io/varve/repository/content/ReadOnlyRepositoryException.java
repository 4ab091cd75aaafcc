package io.varve.repository.content;

import java.io.IOException;

/** A repository that is read, but never written by this program. Nothing was changed. */
public final class ReadOnlyRepositoryException extends IOException {

    ReadOnlyRepositoryException(String storage, String reason) {
        super("repository at %s is only read, never written: %s".formatted(storage, reason));
    }
}
