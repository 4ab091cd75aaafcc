package io.varve.mover.files;

import java.io.IOException;
import java.nio.file.Path;

/** The folder to restore to holds something. Nothing was written. */
public final class TargetNotEmptyException extends IOException {

    TargetNotEmptyException(Path folder) {
        super(
                "%s is not an empty folder; nothing was written; choose another one, or add --overwrite"
                        .formatted(folder));
    }
}
