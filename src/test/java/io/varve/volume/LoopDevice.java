package io.varve.volume;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A real block device over a file, as long as it is open. Its size is the file's, cut to whole
 * sectors. Tests that use it are annotated with {@link NeedsLoopDevice}.
 */
public final class LoopDevice implements AutoCloseable {
    private final Path path;

    private LoopDevice(Path path) {
        this.path = path;
    }

    /** With the sectors of 512 bytes that most disks show. */
    public static LoopDevice attach(Path file) throws IOException {
        return attach(file, 512);
    }

    public static LoopDevice attach(Path file, int sectorBytes) throws IOException {
        // Direct I/O below is only a wish: losetup goes on without where the file system has none.
        return new LoopDevice(
                Path.of(
                        Command.run(
                                List.of(
                                        "losetup",
                                        "--find",
                                        "--show",
                                        "--direct-io=on",
                                        "--sector-size=" + sectorBytes,
                                        file.toString()))));
    }

    /** The device node. */
    public Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        Command.run(List.of("losetup", "--detach", path.toString()));
    }
}
