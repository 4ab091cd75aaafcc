package io.varve.app;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;

/**
 * The program and the tests as a folder of jars, with an archive of all classes that {@link
 * ArchiveTraining} loads: a JVM starts from it in half the time. Archives take no folders of
 * classes, so that these go into a jar, and hold wherever the whole folder is seen. Made once a
 * JVM, when it is first asked for; goes with it.
 */
public final class ArchivedProgram {

    /** That its classes say they were built as. */
    public static final String VERSION = "1";

    private static final String CLASSES = "classes.jar";
    private static final String ARCHIVE = "classes.aot";

    private static @Nullable ArchivedProgram made;

    private final Path folder;
    private int libraries;

    private ArchivedProgram(Path folder) {
        this.folder = folder;
    }

    /** The one of this JVM. */
    public static synchronized ArchivedProgram get() {
        ArchivedProgram program = made;
        if (program == null) {
            try {
                program = make();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            made = program;
        }
        return program;
    }

    /** Where it lies. */
    public Path folder() {
        return folder;
    }

    /** Options of a JVM that sees this folder as {@code at}: up to the main class. */
    public List<String> options(Path at) {
        List<String> all = new ArrayList<>();
        all.add("-XX:AOTCache=" + at.resolve(ARCHIVE));
        all.addAll(options(at.resolve(CLASSES).toString(), at));
        return all;
    }

    /** The same with another jar in place of its classes, and so without the archive. */
    public List<String> options(String classes, Path at) {
        return List.of(
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xlog:cds=off",
                "-Xlog:aot=off",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                Stream.concat(
                                Stream.of(classes),
                                IntStream.rangeClosed(1, libraries)
                                        .mapToObj(jar -> at.resolve(jar + ".jar").toString()))
                        .collect(Collectors.joining(File.pathSeparator)));
    }

    private static ArchivedProgram make() throws IOException {
        ArchivedProgram program = new ArchivedProgram(Files.createTempDirectory("varve-program"));
        // Pods read it that are ordinary users.
        Files.setPosixFilePermissions(program.folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Runtime.getRuntime().addShutdownHook(new Thread(program::remove));
        program.gather();
        program.train();
        return program;
    }

    private void gather() throws IOException {
        List<Path> entries =
                Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                        .map(Path::of)
                        .toList();
        pack(entries.stream().filter(Files::isDirectory).toList(), folder.resolve(CLASSES));
        for (Path jar : entries.stream().filter(Files::isRegularFile).toList()) {
            libraries++;
            // With its time, by which an archive knows it again.
            Files.copy(jar, folder.resolve(libraries + ".jar"), StandardCopyOption.COPY_ATTRIBUTES);
        }
    }

    private void train() throws IOException {
        Path log = folder.resolve("training.log");
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.add("-XX:AOTCacheOutput=" + folder.resolve(ARCHIVE));
        words.addAll(options(folder.resolve(CLASSES).toString(), folder));
        words.addAll(List.of(ArchiveTraining.class.getName(), folder.toString()));
        ProcessBuilder builder =
                new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(log.toFile());
        builder.environment().putAll(ArchiveTraining.settings(folder).environment());
        Process process = builder.start();
        try {
            if (process.waitFor() != 0 || !Files.exists(folder.resolve(ARCHIVE))) {
                throw new IOException("the training failed: " + Files.readString(log));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }

    private void remove() {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
            Files.delete(folder);
        } catch (IOException e) {
            System.err.printf("ArchivedProgram: %s is left: %s%n", folder, e);
        }
    }

    private static Manifest manifest() {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_VERSION, VERSION);
        return manifest;
    }

    /** Of two files with one name the first is taken, as on a class path. */
    private static void pack(List<Path> folders, Path jar) throws IOException {
        Set<String> names = new HashSet<>();
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest())) {
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
