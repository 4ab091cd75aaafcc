package io.varve.job;

import io.varve.volume.BlockDevice;
import io.varve.volume.TargetOptions;
import java.io.IOException;
import java.nio.file.Path;

/** Opens the bytes of volumes; the caller closes them. */
public interface DeviceOpener {

    /** For reading. */
    BlockDevice source(Path path) throws IOException;

    /** For writing. */
    BlockDevice target(Path path, TargetOptions options) throws IOException;
}
