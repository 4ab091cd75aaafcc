package io.varve.crash;

import io.varve.app.VarveInProcess;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;

/**
 * JVMs with the program and the tests on their class path, which start in half the time: the first
 * use of this class writes an archive of all classes that {@link Training} loads. Archives take no
 * folders of classes, so that these go into a jar.
 */
final class ChildJvm {

    private static final List<String> OPTIONS =
            List.of(
                    "-XX:+UseSerialGC",
                    "-Xmx256m",
                    "-XX:TieredStopAtLevel=1",
                    "-Xlog:cds=off",
                    "-Xlog:aot=off",
                    "--enable-native-access=ALL-UNNAMED");

    private static @Nullable ChildJvm trained;

    private final Path folder;
    private final String classPath;

    private ChildJvm(Path folder, String classPath) {
        this.folder = folder;
        this.classPath = classPath;
    }

    /** A JVM about to start with the program's settings. */
    static ProcessBuilder of(
            VarveInProcess varve, Class<?> main, List<String> options, String... args) {
        ChildJvm jvm = trained();
        List<String> all = new ArrayList<>(options);
        all.add("-XX:SharedArchiveFile=" + jvm.archive());
        return jvm.builder(varve, main, all, args);
    }

    private static synchronized ChildJvm trained() {
        ChildJvm jvm = trained;
        if (jvm == null) {
            try {
                jvm = train();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            trained = jvm;
        }
        return jvm;
    }

    private Path archive() {
        return folder.resolve("classes.jsa");
    }

    private ProcessBuilder builder(
            VarveInProcess varve, Class<?> main, List<String> options, String... args) {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(OPTIONS);
        words.addAll(options);
        words.addAll(List.of("-cp", classPath, main.getName()));
        words.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(words);
        builder.environment().putAll(varve.environment());
        return builder;
    }

    private static ChildJvm train() throws IOException {
        Path folder = Files.createTempDirectory("varve-child");
        folder.toFile().deleteOnExit();
        Path jar = folder.resolve("classes.jar");
        List<Path> entries =
                Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                        .map(Path::of)
                        .toList();
        pack(entries.stream().filter(Files::isDirectory).toList(), jar);
        String classPath =
                Stream.concat(Stream.of(jar), entries.stream().filter(Files::isRegularFile))
                        .map(Path::toString)
                        .collect(Collectors.joining(File.pathSeparator));
        ChildJvm jvm = new ChildJvm(folder, classPath);
        jar.toFile().deleteOnExit();
        jvm.archive().toFile().deleteOnExit();
        Path log = folder.resolve("training.log");
        log.toFile().deleteOnExit();
        Process process =
                jvm.builder(
                                Training.settings(folder),
                                Training.class,
                                List.of("-XX:ArchiveClassesAtExit=" + jvm.archive()),
                                folder.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        try {
            if (process.waitFor() != 0 || !Files.exists(jvm.archive())) {
                throw new IOException("the training failed: " + Files.readString(log));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            process.destroyForcibly();
        }
        return jvm;
    }

    /** Of two files with one name the first is taken, as on a class path. */
    private static void pack(List<Path> folders, Path jar) throws IOException {
        Set<String> names = new HashSet<>();
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            out.setLevel(Deflater.NO_COMPRESSION);
            for (Path folder : folders) {
                try (Stream<Path> files = Files.walk(folder)) {
                    for (Path file : files.sorted().toList()) {
                        add(folder, file, names, out);
                    }
                }
            }
        }
    }

    /** Folders too: migrations are found by theirs. */
    private static void add(Path folder, Path file, Set<String> names, JarOutputStream out)
            throws IOException {
        boolean isFolder = Files.isDirectory(file);
        String name = folder.relativize(file) + (isFolder ? "/" : "");
        if (!file.equals(folder) && names.add(name)) {
            out.putNextEntry(new ZipEntry(name));
            if (!isFolder) {
                Files.copy(file, out);
            }
        }
    }
}
