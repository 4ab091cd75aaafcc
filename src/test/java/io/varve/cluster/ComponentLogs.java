package io.varve.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/**
 * What the components of one control plane print: a file each in {@code target/cluster-logs/PID-…},
 * a folder of its own, for a JVM may have several. Closing removes them, unless they are to be
 * kept. A JVM that is killed leaves them too. Safe for many threads.
 */
public final class ComponentLogs implements AutoCloseable {

    private final Path folder;
    private final AtomicBoolean kept = new AtomicBoolean();

    ComponentLogs() throws IOException {
        folder =
                Files.createTempDirectory(
                        Files.createDirectories(Path.of("target", "cluster-logs")),
                        ProcessHandle.current().pid() + "-");
    }

    /** The file that a component writes. */
    public Path of(String component) {
        return folder.resolve(component + ".log");
    }

    /** Keeps them for whoever looks for the reason of a failure. */
    void keep() {
        if (!kept.getAndSet(true)) {
            System.err.println("What the control plane says is kept in " + folder);
        }
    }

    @Override
    public void close() throws IOException {
        if (!kept.get()) {
            deleteTree(folder);
        }
    }

    static void deleteTree(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
