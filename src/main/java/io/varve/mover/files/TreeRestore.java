package io.varve.mover.files;

import io.varve.format.CorruptFormatException;
import io.varve.format.ObjectId;
import io.varve.format.object.Directory;
import io.varve.format.object.DirectoryEntry;
import io.varve.mover.block.StopRequest;
import io.varve.mover.block.TransferProgress;
import io.varve.repository.Backup;
import io.varve.repository.Repository;
import io.varve.repository.content.DamageException;
import io.varve.repository.object.ObjectReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Iterator;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Restores one file tree into a folder. What is there already under the same name is replaced,
 * never followed: a link cannot lead a restore out of its folder. For one thread.
 */
public final class TreeRestore {

    private static final int BUFFER = 1 << 20;

    private static final Set<StandardOpenOption> NEW_FILE =
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

    /** Until the file's own mode is set: a secret is never readable for a moment. */
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final ObjectReader objects;
    private final TransferProgress progress;
    private final StopRequest stop;
    private final FileAttributes attributes = new FileAttributes();
    private final byte[] buffer = new byte[BUFFER];
    private long files;
    private long directories;
    private long links;
    private long bytes;

    /**
     * Restores from {@code repository}.
     *
     * @param stop asked before each file and each MiB: then a file may be half restored
     */
    public TreeRestore(Repository repository, TransferProgress progress, StopRequest stop) {
        this.objects = repository.newObjectReader();
        this.progress = progress;
        this.stop = stop;
    }

    /**
     * Restores {@code backup} into {@code folder}, which is made if it is not there.
     *
     * @throws TargetNotEmptyException if the folder holds something and {@code overwrite} is not
     *     set
     */
    public TreeRestoreResult restore(Backup backup, Path folder, boolean overwrite)
            throws IOException {
        if (!overwrite && !isEmpty(folder)) {
            throw new TargetNotEmptyException(folder);
        }
        DirectoryEntry root =
                backup.manifest()
                        .rootEntry()
                        .orElseThrow(
                                () ->
                                        DamageException.ofManifest(
                                                backup.id(),
                                                new IOException("it has no root entry")));
        progress.expect(backup.volumeBytes());
        try {
            restoreRoot(root, folder);
        } catch (CorruptFormatException e) {
            throw DamageException.ofManifest(backup.id(), e);
        }
        return new TreeRestoreResult(files, directories, links, bytes, attributes.warnings());
    }

    private static boolean isEmpty(Path folder) throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return true;
        }
        if (!Files.isDirectory(folder)) {
            return false;
        }
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.findAny().isEmpty();
        }
    }

    private void restoreRoot(DirectoryEntry root, Path folder) throws IOException {
        Files.createDirectories(folder);
        switch (root.type()) {
            case DIRECTORY -> {
                fill(root, folder);
                attributes.apply(root, folder);
            }
            case FILE, SYMLINK, UNKNOWN -> restore(root, folder.resolve(nameOf(root)));
        }
    }

    /** A snapshot of a single file has a root without a name. */
    private static String nameOf(DirectoryEntry root) {
        return root.name().isEmpty() ? "file" : root.name();
    }

    private void fill(DirectoryEntry entry, Path folder) throws IOException {
        ObjectId object = objectOf(entry);
        Directory directory = objects.directory(object);
        directory.checkNames(object);
        Iterator<DirectoryEntry> children = directory.entries().iterator();
        while (children.hasNext()) {
            DirectoryEntry child = children.next();
            restore(child, childOf(folder, child.name()));
        }
        directories++;
    }

    private static Path childOf(Path folder, String name) throws IOException {
        try {
            return folder.resolve(name);
        } catch (InvalidPathException e) {
            throw new IOException(
                    "the name '%s' in %s cannot be written in this locale; set LC_ALL=C.UTF-8 and restore again"
                            .formatted(name, folder),
                    e);
        }
    }

    private static void makeRoomAt(Path path) throws IOException {
        try {
            Files.deleteIfExists(path);
        } catch (DirectoryNotEmptyException e) {
            throw new IOException(
                    "%s is a folder that is not empty, the backup has something else there; move it away and restore again"
                            .formatted(path),
                    e);
        }
    }

    private void restore(DirectoryEntry entry, Path path) throws IOException {
        stop.check();
        switch (entry.type()) {
            case DIRECTORY -> {
                if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                    makeRoomAt(path);
                    Files.createDirectory(path);
                }
                fill(entry, path);
            }
            case FILE -> restoreFile(entry, path);
            case SYMLINK -> restoreLink(entry, path);
            case UNKNOWN ->
                    throw new CorruptFormatException(
                            "directory entry '%s'".formatted(entry.name()), 0, "unknown type");
        }
        // Last: a directory's time changes with every child, and its mode may forbid them.
        attributes.apply(entry, path);
    }

    private void restoreFile(DirectoryEntry entry, Path path) throws IOException {
        makeRoomAt(path);
        try (FileChannel file = FileChannel.open(path, NEW_FILE, OWNER_ONLY);
                InputStream in = objects.open(objectOf(entry))) {
            long offset = 0;
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                stop.check();
                write(file, offset, count);
                offset += count;
                progress.done(count);
            }
            if (offset < entry.size()) {
                // The entry's size rules: what the object lacks of it is zeros (format, 7.3).
                file.write(ByteBuffer.allocate(1), entry.size() - 1);
            }
            file.force(true);
            bytes += offset;
        }
        files++;
    }

    private void write(FileChannel file, long offset, int count) throws IOException {
        ByteBuffer piece = ByteBuffer.wrap(buffer, 0, count);
        while (piece.hasRemaining()) {
            file.write(piece, offset + piece.position());
        }
    }

    private void restoreLink(DirectoryEntry entry, Path path) throws IOException {
        makeRoomAt(path);
        try (InputStream in = objects.open(objectOf(entry))) {
            String target = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            Files.createSymbolicLink(path, Path.of(target));
        }
        links++;
    }

    private static ObjectId objectOf(DirectoryEntry entry) throws CorruptFormatException {
        return entry.object()
                .orElseThrow(
                        () ->
                                new CorruptFormatException(
                                        "directory entry '%s'".formatted(entry.name()),
                                        0,
                                        "it has no object"));
    }
}
