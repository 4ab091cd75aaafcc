package io.varve.volume;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** A file system with neither direct I/O nor holes: everything takes the second best way. */
@NeedsLoopDevice
class RamfsImageFileTest extends ImageFileContract {
    private Path folder = Path.of("");

    @BeforeAll
    void mount() throws IOException {
        folder = Files.createTempDirectory("varve-ramfs");
        Command.run(List.of("mount", "-t", "ramfs", "ramfs", folder.toString()));
    }

    @AfterAll
    void unmount() throws IOException {
        Command.run(List.of("umount", folder.toString()));
        Files.delete(folder);
    }

    @Override
    Path folder() {
        return folder;
    }

    @Override
    boolean direct() {
        return false;
    }

    @Override
    ZeroMethod zeroMethod() {
        return ZeroMethod.WRITTEN;
    }
}
