package io.varve.repository;

import io.varve.format.object.FileMode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What lies in a folder: each path below it, and the folder itself as ".", in a few words. */
public final class FileTree {

    private FileTree() {}

    /** {@code d MODE}, {@code f MODE SIZE SHA-256} or {@code s TARGET} by path; modes are Go's. */
    public static Map<String, String> describe(Path folder) throws IOException {
        Map<String, String> tree = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                String name = folder.relativize(path).toString();
                tree.put(name.isEmpty() ? "." : name, describeOne(path));
            }
        }
        return tree;
    }

    private static String describeOne(Path path) throws IOException {
        if (Files.isSymbolicLink(path)) {
            return "s " + Files.readSymbolicLink(path);
        }
        int unix = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        FileMode mode = FileMode.ofUnix(unix & 07777);
        return Files.isDirectory(path)
                ? "d " + mode
                : "f %s %d %s".formatted(mode, Files.size(path), sha256(path));
    }

    /** In hex. */
    public static String sha256(Path file) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
        byte[] piece = new byte[1 << 20];
        try (InputStream in = Files.newInputStream(file)) {
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                digest.update(piece, 0, count);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Deletes a folder with all that is in it. */
    public static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
