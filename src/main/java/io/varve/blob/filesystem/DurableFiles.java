package io.varve.blob.filesystem;

import static java.nio.file.StandardOpenOption.READ;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;

/**
 * Writes files below a root that are whole and durable, or not there. Safe for many threads and
 * processes. Files are 0600, folders 0700.
 */
final class DurableFiles {

    private static final FileAttribute<?> FOLDER_MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    /** A path takes some 200 bytes of heap, so this set stays below 2 MiB. */
    private static final int MAX_KNOWN_FOLDERS = 8192;

    private final Path root;
    private final RandomGenerator random;
    private final long blockSize;

    /** Folders whose entry in their parent is durable, whoever made them. */
    private final Set<Path> durableFolders = ConcurrentHashMap.newKeySet();

    /**
     * @param root an existing folder
     * @param random for temporary names; safe for many threads
     */
    DurableFiles(Path root, RandomGenerator random) {
        this.root = root;
        this.random = random;
        this.blockSize = NewFile.blockSizeOf(root);
    }

    /** Puts {@code content} into {@code file}, in one step for every reader. */
    void replace(Path file, ByteBuffer content) throws IOException {
        Path temporary = writeTemporary(file, content);
        try {
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException | RuntimeException e) {
            deleteAfter(e, temporary);
            throw e;
        }
        sync(folderOf(file));
    }

    /**
     * Puts {@code content} into {@code file} unless it exists.
     *
     * @return false if it exists; it is durable then
     */
    boolean createNew(Path file, ByteBuffer content) throws IOException {
        boolean created = !Files.exists(file) && link(file, content);
        // Also for a file that another process linked but has not synced yet.
        sync(folderOf(file));
        return created;
    }

    private boolean link(Path file, ByteBuffer content) throws IOException {
        Path temporary = writeTemporary(file, content);
        boolean created = true;
        try {
            Files.createLink(file, temporary);
        } catch (FileAlreadyExistsException e) {
            created = false;
        } catch (UnsupportedOperationException e) {
            Files.deleteIfExists(temporary);
            throw new AtomicMoveNotSupportedException(
                    temporary.toString(), file.toString(), "no hard links here");
        } catch (IOException e) {
            deleteAfter(e, temporary);
            throw e;
        }
        Files.deleteIfExists(temporary);
        return created;
    }

    /** Makes {@code folder} and its missing parents, each durable in its own parent. */
    static void createFolder(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        createFolder(folderOf(folder));
        makeAndSync(folder);
    }

    private Path writeTemporary(Path file, ByteBuffer content) throws IOException {
        makeDurable(folderOf(file));
        try {
            return tryWriteTemporary(file, content);
        } catch (NoSuchFileException e) {
            // Somebody has removed an empty folder that was durable a while ago.
            durableFolders.clear();
            makeDurable(folderOf(file));
            return tryWriteTemporary(file, content);
        }
    }

    private Path tryWriteTemporary(Path file, ByteBuffer content) throws IOException {
        String suffix = ".tmp." + HexFormat.of().toHexDigits(random.nextLong());
        Path temporary = file.resolveSibling(file.getFileName() + suffix);
        try {
            new NewFile(temporary, blockSize).write(content);
        } catch (IOException | RuntimeException e) {
            deleteAfter(e, temporary);
            throw e;
        }
        return temporary;
    }

    private static void deleteAfter(Exception failure, Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
    }

    /**
     * A folder that exists need not be durable: another thread may have made it a moment ago and
     * not synced its parent yet. So each folder is synced into its parent once per process.
     */
    private void makeDurable(Path folder) throws IOException {
        if (folder.equals(root) || durableFolders.contains(folder)) {
            return;
        }
        makeDurable(folderOf(folder));
        makeAndSync(folder);
        if (durableFolders.size() >= MAX_KNOWN_FOLDERS) {
            durableFolders.clear();
        }
        durableFolders.add(folder);
    }

    private static void makeAndSync(Path folder) throws IOException {
        try {
            Files.createDirectory(folder, FOLDER_MODE);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(folder)) {
                throw e;
            }
        }
        sync(folderOf(folder));
    }

    private static Path folderOf(Path path) throws NoSuchFileException {
        Path parent = path.getParent();
        if (parent == null) {
            throw new NoSuchFileException(path.toString());
        }
        return parent;
    }

    private static void sync(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, READ)) {
            channel.force(true);
        } catch (IOException e) {
            // Some network and FUSE file systems cannot sync a folder, and say so like this.
            if (!Errno.EINVAL.causes(e)) {
                throw e;
            }
        }
    }
}
