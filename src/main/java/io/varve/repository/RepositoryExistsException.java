package io.varve.repository;

import java.io.IOException;

/** A repository cannot be created where there is one. */
public final class RepositoryExistsException extends IOException {

    RepositoryExistsException(String storage) {
        super(
                "there is a repository at %s already; nothing was changed; '--if-missing' opens it instead"
                        .formatted(storage));
    }
}
