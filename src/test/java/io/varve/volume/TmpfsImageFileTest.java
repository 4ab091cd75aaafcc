package io.varve.volume;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.condition.EnabledIf;

/** Image files in memory. Linux has direct I/O there since 6.6. */
@EnabledIf(value = "isThere", disabledReason = "/dev/shm can't be written")
class TmpfsImageFileTest extends ImageFileContract {
    private static final Path FOLDER = Path.of("/dev/shm");

    static boolean isThere() {
        return Files.isWritable(FOLDER);
    }

    @Override
    Path folder() {
        return FOLDER;
    }
}
