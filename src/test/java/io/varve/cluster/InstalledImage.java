package io.varve.cluster;

import io.varve.app.Varve;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The program, as a node's pods have it. */
final class InstalledImage {

    private InstalledImage() {}

    /**
     * The classes under test, as an image: a node's pods see only what it names, and nothing of it
     * below /tmp, where a volume of their own lies.
     */
    static List<String> flags(String name, ClusterStorage storage, Path folder) throws IOException {
        Path app = Files.createDirectories(folder.resolve("app"));
        List<String> flags = new ArrayList<>();
        flags.add("--image=" + NodePods.IMAGE);
        flags.add("--csi=%s=%s".formatted(storage.driver(), storage.socket()));
        flags.add("--image-path=%s=%s:/varve".formatted(name, app));
        List<String> classPath = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path path = Path.of(entry);
            String number = Integer.toString(classPath.size());
            if (Files.isDirectory(path)) {
                classPath.add("/classes" + number);
                flags.add("--image-path=%s=%s:/classes%s".formatted(name, path, number));
            } else if (Files.isRegularFile(path)) {
                Files.copy(path, app.resolve(number + ".jar"));
                classPath.add("/varve/" + number + ".jar");
            }
        }
        Files.writeString(
                app.resolve("arguments"),
                "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx200m --enable-native-access=ALL-UNNAMED -cp "
                        + String.join(File.pathSeparator, classPath));
        flags.add(
                "--image-entrypoint=%s=%s/bin/java @/varve/arguments %s"
                        .formatted(name, System.getProperty("java.home"), Varve.class.getName()));
        return flags;
    }
}
