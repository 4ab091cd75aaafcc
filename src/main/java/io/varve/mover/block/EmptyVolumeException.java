package io.varve.mover.block;

import java.io.IOException;
import java.nio.file.Path;

/** A volume without a single byte cannot be backed up. */
public final class EmptyVolumeException extends IOException {

    EmptyVolumeException(Path device) {
        super("%s has 0 bytes: there is nothing to back up; check the path".formatted(device));
    }
}
