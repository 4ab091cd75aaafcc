package io.varve.volume;

import java.io.IOException;
import java.nio.file.Path;

/** Something is at the path, but nothing that holds a volume's bytes. */
public final class NotVolumeException extends IOException {
    private static final long serialVersionUID = 1L;

    private NotVolumeException(String message) {
        super(message);
    }

    /** A folder, a pipe, a character device. */
    static NotVolumeException neither(Path path) {
        return new NotVolumeException(path + " is neither a block device nor a regular file");
    }

    /** A device node, such as that of a loop device, with nothing behind it. */
    static NotVolumeException detached(Path path) {
        return new NotVolumeException(
                "device %s has no bytes: nothing is attached to it".formatted(path));
    }
}
