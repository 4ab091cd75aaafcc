package io.varve.blob.filesystem;

import static java.nio.file.StandardOpenOption.READ;

import io.varve.blob.BlobId;
import io.varve.blob.BlobMetadata;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException;
import io.varve.blob.StorageLocation;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.function.Consumer;

/**
 * Blobs as files below a folder, in Kopia's layout. Several processes may use one folder at a time,
 * real Kopia among them.
 *
 * <p>The layout is read once, when the storage is opened: it cannot change while there are blobs.
 * Closing frees open files; buffers that {@link #get} returned stay valid.
 */
public final class FilesystemBlobStorage implements BlobStorage {

    /** From here on mapping a file costs less than copying it. */
    private static final long MAPPED_BYTES = 8 << 20;

    /** More than the packs that a restore's streams read at a time, far below any ulimit. */
    private static final int OPEN_FILES = 64;

    private final Path root;
    private final ShardLayout layout;
    private final DurableFiles files;
    private final OpenFiles open = new OpenFiles(OPEN_FILES);
    private final StorageErrors errors;

    private FilesystemBlobStorage(
            Path root, ShardLayout layout, DurableFiles files, StorageErrors errors) {
        this.root = root;
        this.layout = layout;
        this.files = files;
        this.errors = errors;
    }

    /**
     * Opens the storage in {@code folder}; writes nothing.
     *
     * @throws BlobStorageException.NotFound if there is no such folder
     * @throws BlobStorageException.Damaged if its {@code .shards} cannot be understood
     */
    public static FilesystemBlobStorage open(Path folder) throws IOException {
        return open(folder, false);
    }

    /**
     * Makes the storage in {@code folder}: the folder and its {@code .shards}, as far as they are
     * missing. A folder that already holds a repository is opened and left as it is.
     *
     * @throws BlobStorageException.Damaged if its {@code .shards} cannot be understood
     */
    public static FilesystemBlobStorage create(Path folder) throws IOException {
        return open(folder, true);
    }

    private static FilesystemBlobStorage open(Path folder, boolean create) throws IOException {
        StorageLocation.Folder location = new StorageLocation.Folder(folder);
        Path root = location.path();
        String doing = "open " + location;
        StorageErrors errors = new StorageErrors(root, location.toString());
        try {
            if (create) {
                DurableFiles.createFolder(root);
            } else if (!Files.isDirectory(root)) {
                String problem = Files.exists(root) ? "it is not a folder" : "no such folder";
                throw new BlobStorageException.NotFound(doing, problem);
            }
            DurableFiles files = new DurableFiles(root, new SecureRandom());
            if (create && !holdsRepository(root)) {
                ByteBuffer shards = ByteBuffer.wrap(ShardLayout.OF_NEW_STORAGE.toJson());
                files.createNew(root.resolve(ShardLayout.FILE_NAME), shards);
            }
            return new FilesystemBlobStorage(root, readLayout(root, doing), files, errors);
        } catch (IOException e) {
            throw errors.any(doing, e);
        }
    }

    /**
     * Such a folder without {@code .shards} has a layout all the same. A new {@code .shards} with
     * another layout would make all that is in it unreadable.
     */
    private static boolean holdsRepository(Path root) {
        return Files.exists(root.resolve("kopia.repository" + ShardLayout.SUFFIX));
    }

    private static ShardLayout readLayout(Path root, String doing) throws IOException {
        Path file = root.resolve(ShardLayout.FILE_NAME);
        byte[] json;
        try {
            json = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return ShardLayout.WITHOUT_FILE;
        }
        try {
            return ShardLayout.parse(json);
        } catch (IllegalArgumentException e) {
            throw new BlobStorageException.Damaged(
                    doing, "%s is no shard layout: %s".formatted(file, e.getMessage()), e);
        }
    }

    @Override
    public void put(BlobId id, ByteBuffer content) throws IOException {
        Path file = layout.file(root, id);
        try {
            files.replace(file, content);
        } catch (IOException e) {
            throw errors.any("write blob " + id, e);
        }
    }

    @Override
    public boolean putIfAbsent(BlobId id, ByteBuffer content) throws IOException {
        Path file = layout.file(root, id);
        try {
            return files.createNew(file, content);
        } catch (IOException e) {
            throw errors.any("write blob " + id, e);
        }
    }

    @Override
    public ByteBuffer get(BlobId id) throws IOException {
        try (FileChannel channel = FileChannel.open(layout.file(root, id), READ)) {
            long size = channel.size();
            if (size > Integer.MAX_VALUE) {
                String problem = size + " bytes do not fit into one buffer; read it in parts";
                throw new BlobStorageException.Damaged("read blob " + id, problem, null);
            }
            if (size >= MAPPED_BYTES) {
                return channel.map(MapMode.READ_ONLY, 0, size);
            }
            ByteBuffer content = ByteBuffer.allocate((int) size);
            OpenFiles.readFully(channel, 0, content);
            return content.flip().asReadOnlyBuffer();
        } catch (IOException e) {
            throw errors.reading("read blob " + id, e);
        }
    }

    @Override
    public void read(BlobId id, long offset, ByteBuffer target) throws IOException {
        if (offset < 0) {
            throw new IllegalArgumentException("read blob %s: offset is %d".formatted(id, offset));
        }
        int wanted = target.remaining();
        try {
            open.read(layout.file(root, id), offset, target);
        } catch (IOException e) {
            throw errors.reading("read blob " + id, e);
        }
        if (target.hasRemaining()) {
            throw new EOFException(
                    "read blob %s: %d bytes at byte %d wanted, but only %d are there (in %s)"
                            .formatted(
                                    id,
                                    wanted,
                                    offset,
                                    wanted - target.remaining(),
                                    description()));
        }
    }

    @Override
    public void list(String prefix, Consumer<BlobMetadata> visitor) throws IOException {
        try {
            new BlobWalk(root, prefix).visit(visitor);
        } catch (IOException e) {
            throw errors.any("list blobs '%s*'".formatted(prefix), e);
        }
    }

    @Override
    public void delete(BlobId id) throws IOException {
        try {
            Files.deleteIfExists(layout.file(root, id));
        } catch (IOException e) {
            throw errors.any("delete blob " + id, e);
        }
    }

    @Override
    public String description() {
        return errors.storage();
    }

    @Override
    public void close() throws IOException {
        open.close();
    }
}
