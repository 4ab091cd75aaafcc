package io.varve.volume;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.condition.EnabledIf;

/** Image files in memory. Only recent kernels have direct I/O there: either answer is right. */
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

    /** Since Linux 6.6. */
    @Override
    boolean direct() {
        String[] version = System.getProperty("os.version").split("[^0-9]+", 3);
        return Integer.parseInt(version[0]) * 1000 + Integer.parseInt(version[1]) >= 6006;
    }

    @Override
    ZeroMethod zeroMethod() {
        return ZeroMethod.HOLE;
    }
}
