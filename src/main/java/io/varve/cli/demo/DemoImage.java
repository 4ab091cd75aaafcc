package io.varve.cli.demo;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * A volume to play with: an ext4 image with real files in it, made and changed without root by
 * {@code mke2fs} and {@code debugfs}; without these tools a plain patterned image.
 */
public final class DemoImage {

    private static final int MIB = 1 << 20;

    /** Large enough to tell what an incremental spares, small enough for any /tmp. */
    private static final int IMAGE_MIB = 128;

    private static final long FILES_BYTES = 40L * MIB;
    private static final long LARGEST_FILE_BYTES = 16L * MIB;

    private final Path folder;
    private final Optional<Path> mke2fs;
    private final Optional<Path> debugfs;

    /** An image in {@code folder}, which exists. */
    public DemoImage(Path folder) {
        this.folder = folder;
        this.mke2fs = tool("mke2fs");
        this.debugfs = tool("debugfs");
    }

    /** The image. */
    public Path path() {
        return folder.resolve("volume.img");
    }

    /** Whether it is a file system. */
    public boolean isFileSystem() {
        return mke2fs.isPresent() && debugfs.isPresent();
    }

    /** Makes it; returns what a user would have typed for that. */
    public String make() throws IOException {
        if (!isFileSystem()) {
            makePattern();
            return "# mke2fs or debugfs is not installed: a plain image with a pattern instead";
        }
        Path files = Files.createDirectory(folder.resolve("files"));
        copyJavaHome(files);
        String size = IMAGE_MIB + "M";
        run(
                mke2fs.get().toString(),
                "-q",
                "-t",
                "ext4",
                "-d",
                files.toString(),
                path().toString(),
                size);
        return "mke2fs -q -t ext4 -d %s %s %s".formatted(files, path(), size);
    }

    /** Changes a little of it; returns what a user would have typed for that. */
    public String change() throws IOException {
        if (!isFileSystem()) {
            try (RandomAccessFile image = new RandomAccessFile(path().toFile(), "rw")) {
                image.seek(5L * MIB + 17);
                image.write("changed".getBytes(StandardCharsets.US_ASCII));
            }
            return "# wrote 7 bytes at byte %d".formatted(5 * MIB + 17);
        }
        Path note = folder.resolve("note.txt");
        Files.writeString(note, "This file is in the second backup only.\n");
        String command = "write %s note.txt".formatted(note);
        run(debugfs.get().toString(), "-w", "-R", command, path().toString());
        return "debugfs -w -R '%s' %s".formatted(command, path());
    }

    private void makePattern() throws IOException {
        Random random = new Random(1);
        byte[] block = new byte[MIB];
        try (RandomAccessFile image = new RandomAccessFile(path().toFile(), "rw")) {
            image.setLength((long) IMAGE_MIB * MIB);
            for (int number = 0; number < IMAGE_MIB / 3; number++) {
                random.nextBytes(block);
                image.write(block);
            }
        }
    }

    /** Files that every machine with this program has: those of its Java. */
    private static void copyJavaHome(Path target) throws IOException {
        Path home = Path.of(System.getProperty("java.home"));
        long[] left = {FILES_BYTES};
        Files.walkFileTree(
                home,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        boolean takes =
                                attributes.isRegularFile()
                                        && Files.isReadable(file)
                                        && attributes.size() <= LARGEST_FILE_BYTES;
                        if (takes && attributes.size() <= left[0]) {
                            Path copy = target.resolve(home.relativize(file).toString());
                            Files.createDirectories(copy.getParent());
                            Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
                            left[0] -= attributes.size();
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
    }

    private static Optional<Path> tool(String name) {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        // sbin is in nobody's PATH but root's; the tools there need no root for a file.
        return List.of((path + ":/usr/sbin:/sbin").split(":")).stream()
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private void run(String... command) throws IOException {
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("tool.log").toFile())
                        .start();
        try {
            int code = process.waitFor();
            if (code != 0) {
                throw new IOException(
                        "%s ended with exit code %d: %s"
                                .formatted(
                                        command[0],
                                        code,
                                        Files.readString(folder.resolve("tool.log")).strip()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while %s ran".formatted(command[0]), e);
        }
    }
}
