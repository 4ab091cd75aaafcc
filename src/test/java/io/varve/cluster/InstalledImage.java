package io.varve.cluster;

import io.varve.app.ArchivedProgram;
import io.varve.app.Varve;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The program, as a node's pods have it. */
final class InstalledImage {

    private InstalledImage() {}

    /**
     * The classes under test, as an image: a node's pods see only what it names, and nothing of it
     * below /tmp, where a volume of their own lies.
     */
    static List<String> flags(String name, ClusterStorage storage, Path folder) throws IOException {
        ArchivedProgram program = ArchivedProgram.get();
        Path app = Files.createDirectories(folder.resolve("app"));
        Files.writeString(
                app.resolve("arguments"),
                "-Xmx200m " + String.join(" ", program.options(Path.of("/program"))));
        return List.of(
                "--image=" + NodePods.IMAGE,
                "--csi=%s=%s".formatted(storage.driver(), storage.socket()),
                "--image-path=%s=%s:/varve".formatted(name, app),
                "--image-path=%s=%s:/program".formatted(name, program.folder()),
                "--image-entrypoint=%s=%s/bin/java @/varve/arguments %s"
                        .formatted(name, System.getProperty("java.home"), Varve.class.getName()));
    }
}
