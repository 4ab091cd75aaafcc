package io.varve.mover.block;

import io.varve.format.ContentId;
import io.varve.format.UnsupportedFormatException;
import io.varve.repository.Backup;
import io.varve.repository.Repository;
import io.varve.repository.content.DamageException;
import io.varve.repository.object.RecentChunks;
import io.varve.volume.BlockBitmap;
import java.io.Closeable;
import java.io.IOException;
import java.util.Optional;

/**
 * The blocks of a parent while a table is merged. That the parent cannot be read is told apart from
 * every other failure: then all is read from the source. For one thread.
 */
final class ParentBlocks implements Closeable {

    /** Of a full backup. */
    static final ParentBlocks NONE = new ParentBlocks(Optional.empty(), "", 0);

    private final Optional<BlockTable> table;
    private final String backupId;
    private final long blocks;
    private long next;

    private ParentBlocks(Optional<BlockTable> table, String backupId, long blocks) {
        this.table = table;
        this.backupId = backupId;
        this.blocks = blocks;
    }

    /** The parent's table is damaged, or ends before its volume does. */
    static final class UnreadableException extends IOException {
        private UnreadableException(String message) {
            super(message);
        }

        private UnreadableException(IOException cause) {
            super(cause);
        }
    }

    /**
     * Those of a backup.
     *
     * @param recent gets the chunks of its table
     */
    static ParentBlocks open(Repository repository, Backup parent, RecentChunks recent)
            throws IOException {
        try {
            return new ParentBlocks(
                    Optional.of(BlockTable.open(repository.newObjectReader(recent), parent)),
                    parent.id(),
                    BlockBitmap.blocksIn(parent.volumeBytes()));
        } catch (DamageException | UnsupportedFormatException e) {
            throw new UnreadableException(e);
        }
    }

    /** The next block's content; empty where the parent's volume has ended. */
    Optional<ContentId> next() throws IOException {
        if (table.isEmpty() || next >= blocks) {
            return Optional.empty();
        }
        try {
            Optional<ContentId> content = table.get().next();
            if (content.isEmpty()) {
                throw new UnreadableException(
                        "block table of %s ends at block %d of %d"
                                .formatted(backupId, next, blocks));
            }
            next++;
            return content;
        } catch (DamageException | UnsupportedFormatException e) {
            throw new UnreadableException(e);
        }
    }

    @Override
    public void close() throws IOException {
        if (table.isPresent()) {
            table.get().close();
        }
    }
}
