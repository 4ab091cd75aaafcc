package io.varve.blob.filesystem;

import io.varve.blob.BlobId;
import io.varve.blob.BlobMetadata;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.function.Consumer;

/**
 * One walk over the blobs below a root in ascending order of id, whatever the layout.
 *
 * <p>A folder holds ids that start with its own, so none is smaller than it. Taking the smallest
 * pending name, visiting it if it is a file and replacing it by its children if it is a folder,
 * therefore yields ids in order, and only the folders on the way are in memory. Folders that cannot
 * hold the prefix are not opened. Confined to one thread.
 */
final class BlobWalk {

    /** Made by ext4 at the root of a volume, readable by root alone. */
    private static final String LOST_AND_FOUND = "lost+found";

    private final Path root;
    private final String prefix;
    private final PriorityQueue<Pending> pending =
            new PriorityQueue<>(Comparator.comparing(Pending::id));

    /**
     * @param id of a file the blob's id, of a folder what the ids of its blobs start with
     */
    private record Pending(String id, Path path, boolean folder) {}

    BlobWalk(Path root, String prefix) {
        this.root = root;
        this.prefix = prefix;
    }

    void visit(Consumer<BlobMetadata> visitor) throws IOException {
        open(root, "");
        for (Pending next = pending.poll(); next != null; next = pending.poll()) {
            try {
                if (next.folder) {
                    open(next.path, next.id);
                } else {
                    visitFile(next, visitor);
                }
            } catch (NoSuchFileException e) {
                // Deleted since its folder was read. Were the root itself gone, this would be an
                // empty listing of a full storage.
                if (!Files.isDirectory(root)) {
                    throw e;
                }
            } catch (NotDirectoryException e) {
                // A temporary or foreign file.
            }
        }
    }

    private void visitFile(Pending file, Consumer<BlobMetadata> visitor) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file.path, BasicFileAttributes.class);
        if (attributes.isDirectory()) {
            add(new Pending(file.id + ShardLayout.SUFFIX, file.path, true));
        } else if (attributes.isRegularFile() && file.id.startsWith(prefix)) {
            visitor.accept(
                    new BlobMetadata(
                            new BlobId(file.id),
                            attributes.size(),
                            attributes.lastModifiedTime().toInstant()));
        }
    }

    private void open(Path folder, String id) throws IOException {
        try (DirectoryStream<Path> children = Files.newDirectoryStream(folder)) {
            for (Path child : children) {
                add(child, id);
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private void add(Path child, String folderId) {
        String name = child.getFileName().toString();
        if (name.endsWith(ShardLayout.SUFFIX)) {
            // Also a folder may be called so; that shows when its attributes are read.
            String stem = name.substring(0, name.length() - ShardLayout.SUFFIX.length());
            add(new Pending(folderId + stem, child, false));
        } else if (!(folderId.isEmpty() && name.equals(LOST_AND_FOUND))) {
            add(new Pending(folderId + name, child, true));
        }
    }

    private void add(Pending child) {
        boolean onTheWay = child.id.startsWith(prefix) || prefix.startsWith(child.id);
        if (onTheWay && BlobId.isValid(child.id)) {
            pending.add(child);
        }
    }
}
