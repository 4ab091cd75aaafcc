package io.varve.volume;

import java.io.IOException;
import java.nio.file.Path;

/** What is at a path holds no volume: a folder, a terminal, a pipe. Nothing was changed. */
public final class NotAVolumeException extends IOException {
    private static final long serialVersionUID = 1L;

    NotAVolumeException(Path path) {
        super(path + " is neither a block device nor a regular file");
    }
}
