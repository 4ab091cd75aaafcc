package io.varve.repository.content;

import java.io.IOException;

/** The storage holds no repository. */
public final class NoRepositoryException extends IOException {

    /** No repository at {@code storage}, a storage's description. */
    public NoRepositoryException(String storage) {
        super(
                "no repository at %s: there is no blob kopia.repository; check the location, or make one with 'varve repository create'"
                        .formatted(storage));
    }
}
