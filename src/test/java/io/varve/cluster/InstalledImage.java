package io.varve.cluster;

import io.varve.app.ArchivedProgram;
import io.varve.app.Varve;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;

/**
 * A release of the program, as a node's pods have it: the classes under test, in a jar that says
 * its version. The first one is the {@link ArchivedProgram}.
 *
 * @param additions to what the jar holds: contents by their paths
 */
record InstalledImage(String version, Map<String, String> additions) {

    /** What is installed first. */
    static final InstalledImage FIRST = new InstalledImage(ArchivedProgram.VERSION, Map.of());

    /** The release after it, which has one more migration. */
    static final InstalledImage NEXT =
            new InstalledImage(
                    "2",
                    Map.of(
                            "db/migrations/common/V1000__next_release.sql",
                            "ALTER TABLE varve_run ADD COLUMN next_release VARCHAR(10);"));

    /** In which all images have their files. */
    private static final String FOLDER = "/varve/";

    /** In which they have the {@link ArchivedProgram}. */
    private static final Path PROGRAM = Path.of("/program");

    private static final String MEMORY = "-Xmx200m ";

    /** As definitions name it. */
    String name() {
        return "varve:" + version;
    }

    /** The words that start the program, without its arguments. */
    String command() {
        return "%s/bin/java @%s%s %s"
                .formatted(
                        System.getProperty("java.home"),
                        FOLDER,
                        arguments(),
                        Varve.class.getName());
    }

    private String arguments() {
        return version + ".arguments";
    }

    /**
     * The kubelet's flags for all of them. A node's pods see only what an image names, and nothing
     * of it below /tmp, where a volume of their own lies.
     */
    static List<String> flags(ClusterStorage storage, Path folder) throws IOException {
        ArchivedProgram program = ArchivedProgram.get();
        Path app = Files.createDirectories(folder.resolve("app"));
        Files.writeString(
                app.resolve(FIRST.arguments()),
                MEMORY + String.join(" ", program.options(PROGRAM)));
        NEXT.write(app.resolve("next.jar"));
        Files.writeString(
                app.resolve(NEXT.arguments()),
                MEMORY + String.join(" ", program.options(FOLDER + "next.jar", PROGRAM)));
        List<String> flags = new ArrayList<>();
        flags.add("--image=" + NodePods.IMAGE);
        flags.add("--csi=%s=%s".formatted(storage.driver(), storage.socket()));
        for (InstalledImage image : List.of(FIRST, NEXT)) {
            flags.add("--image-path=%s=%s:/varve".formatted(image.name(), app));
            flags.add("--image-path=%s=%s:%s".formatted(image.name(), program.folder(), PROGRAM));
            flags.add("--image-entrypoint=%s=%s".formatted(image.name(), image.command()));
        }
        return flags;
    }

    private void write(Path jar) throws IOException {
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file, manifest())) {
            Path classes =
                    Path.of(
                            Varve.class
                                    .getProtectionDomain()
                                    .getCodeSource()
                                    .getLocation()
                                    .getPath());
            try (Stream<Path> all = Files.walk(classes)) {
                for (Path each : all.filter(path -> !path.equals(classes)).toList()) {
                    String name = classes.relativize(each).toString();
                    if (Files.isDirectory(each)) {
                        // Whoever looks for all files of a folder asks for the folder itself.
                        add(out, name + "/", new byte[0]);
                    } else {
                        add(out, name, Files.readAllBytes(each));
                    }
                }
            }
            for (Map.Entry<String, String> each : additions.entrySet()) {
                add(out, each.getKey(), each.getValue().getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    private Manifest manifest() {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_VERSION, version);
        return manifest;
    }

    private static void add(JarOutputStream out, String path, byte[] content) throws IOException {
        out.putNextEntry(new JarEntry(path));
        out.write(content);
        out.closeEntry();
    }
}
