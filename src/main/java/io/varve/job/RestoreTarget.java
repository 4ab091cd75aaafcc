package io.varve.job;

import io.varve.mover.block.RestoreMode;
import io.varve.volume.TargetOptions.Existing;
import java.nio.file.Path;

/**
 * Where a restore goes.
 *
 * @param path absolute
 * @param mode which blocks are written; told of devices and image files only
 * @param existing what may happen to what is there already
 */
public record RestoreTarget(Kind kind, Path path, RestoreMode mode, Existing existing) {

    /** What {@code path} is. Names are persisted. */
    public enum Kind {
        /** A block device, or an image file. */
        DEVICE,
        /** A folder that gets the files of a file tree, or the image file of a volume. */
        DIRECTORY
    }

    public RestoreTarget {
        path = path.toAbsolutePath().normalize();
    }
}
