package io.varve.repository.content;

import java.io.IOException;

/** The format blob does not decrypt: another password, or a damaged blob. */
public final class WrongPasswordException extends IOException {

    WrongPasswordException(String storage, Throwable cause) {
        super(
                "repository at %s: kopia.repository does not open with this password; check VARVE_PASSWORD, or the blob is damaged (%s)"
                        .formatted(storage, cause.getMessage()),
                cause);
    }
}
