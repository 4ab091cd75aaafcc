package io.varve.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/**
 * Files that a test knows, and that lie in the filesystem of a volume.
 *
 * @param folder in which they are on this host
 */
record SampleFiles(Path folder) {

    /** Prints what {@link #sums} has of the files in the working directory. */
    static final String PRINT_SUMS = "find . -type f | sort | xargs sha256sum";

    /** Small ones, one of several blocks, and an empty one. */
    static SampleFiles in(Path folder, Random random) throws IOException {
        List<Integer> sizes = List.of(0, 1, 4097, 3 << 20);
        for (int size : sizes) {
            byte[] content = new byte[size];
            random.nextBytes(content);
            Path parent = Files.createDirectories(folder.resolve("of/" + size));
            Files.write(parent.resolve("bytes"), content);
        }
        return new SampleFiles(folder);
    }

    /** Makes a filesystem of them in the file behind a volume that no pod uses. */
    void makeFilesystem(Path image) throws IOException {
        Process make =
                new ProcessBuilder(
                                "mke2fs", "-q", "-F", "-t", "ext4", "-d", "" + folder, "" + image)
                        .redirectErrorStream(true)
                        .start();
        String said = new String(make.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (make.waitFor() != 0) {
                throw new IOException("no filesystem in %s: %s".formatted(image, said));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a filesystem is made in " + image, e);
        }
    }

    /** What {@code sha256sum} says of each, in the order of their names. */
    List<String> sums() throws IOException {
        List<String> lines = new ArrayList<>();
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
                lines.add(ClusterStorageHarness.hash(file) + "  ./" + folder.relativize(file));
            }
        }
        return lines;
    }
}
