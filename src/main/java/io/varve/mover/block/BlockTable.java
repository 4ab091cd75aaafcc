package io.varve.mover.block;

import static io.varve.volume.BlockBitmap.BLOCK_BYTES;

import io.varve.format.ContentId;
import io.varve.format.CorruptFormatException;
import io.varve.format.ObjectId;
import io.varve.format.object.Directory;
import io.varve.format.object.DirectoryEntry;
import io.varve.format.object.IndirectEntry;
import io.varve.format.object.IndirectListReader;
import io.varve.repository.Backup;
import io.varve.repository.content.DamageException;
import io.varve.repository.object.ObjectReader;
import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;

/**
 * The block table of one backup: which content each block is. Read as a stream, since a volume may
 * have millions of blocks. For one thread.
 *
 * @see "format, 7.4: a flat list of whole blocks in a directory of one entry"
 */
public final class BlockTable implements Closeable {

    private final String backupId;
    private final ObjectId object;
    private final IndirectListReader entries;
    private long next;

    private BlockTable(String backupId, ObjectId object, IndirectListReader entries) {
        this.backupId = backupId;
        this.object = object;
        this.entries = entries;
    }

    /**
     * Opens the table of a backup, at its first block.
     *
     * @throws DamageException if it cannot be read, or is not laid out as a block backup is
     */
    public static BlockTable open(ObjectReader objects, Backup backup) throws IOException {
        ObjectId object = objectOf(backup, entryOf(objects, backup));
        return new BlockTable(backup.id(), object, objects.list(object));
    }

    /** The table that a run has just written. */
    static BlockTable open(ObjectReader objects, String backupId, ObjectId object)
            throws IOException {
        return new BlockTable(backupId, object, objects.list(object));
    }

    /** The one file in a block backup's root. */
    static DirectoryEntry entryOf(ObjectReader objects, Backup backup) throws IOException {
        try {
            DirectoryEntry root =
                    backup.manifest()
                            .rootEntry()
                            .orElseThrow(
                                    () -> corrupt(backup.id(), "the manifest has no root entry"));
            Directory directory = objects.directory(objectOf(backup, root));
            if (directory.entries().size() != 1) {
                throw corrupt(
                        backup.id(),
                        "the root has %d entries, a block backup has one"
                                .formatted(directory.entries().size()));
            }
            return directory.entries().getFirst();
        } catch (CorruptFormatException e) {
            throw DamageException.ofManifest(backup.id(), e);
        }
    }

    private static ObjectId objectOf(Backup backup, DirectoryEntry entry) throws DamageException {
        return entry.object()
                .orElseThrow(
                        () ->
                                DamageException.ofManifest(
                                        backup.id(),
                                        corrupt(backup.id(), "an entry has no object")));
    }

    /** Number of the block that {@link #next()} gives. */
    public long nextBlock() {
        return next;
    }

    /** The next block's content; empty after the last block. */
    public Optional<ContentId> next() throws IOException {
        try {
            if (!entries.hasNext()) {
                return Optional.empty();
            }
            IndirectEntry entry = entries.next();
            boolean wholeBlock =
                    entry.start() == next * BLOCK_BYTES
                            && entry.length() == BLOCK_BYTES
                            && entry.object().indirection() == 0
                            && !entry.object().compressed();
            if (!wholeBlock) {
                throw corrupt(
                        backupId,
                        "entry %d of object %s is %d bytes from %d, not a block"
                                .formatted(next, object, entry.length(), entry.start()));
            }
            next++;
            return Optional.of(entry.object().content());
        } catch (CorruptFormatException e) {
            throw DamageException.ofManifest(backupId, e);
        }
    }

    /** Goes forward to {@code block}; a table that ends before it is then at its end. */
    public void skipTo(long block) throws IOException {
        while (next < block && next().isPresent()) {
            // The list has no index: its entries are read one by one.
        }
    }

    private static CorruptFormatException corrupt(String backupId, String problem) {
        return new CorruptFormatException("block table of backup " + backupId, 0, problem);
    }

    @Override
    public void close() throws IOException {
        entries.close();
    }
}
