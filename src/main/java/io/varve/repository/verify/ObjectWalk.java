package io.varve.repository.verify;

import static io.varve.repository.Backup.BLOCK_BYTES;

import io.varve.format.CorruptFormatException;
import io.varve.format.ObjectId;
import io.varve.format.object.IndirectEntry;
import io.varve.format.object.IndirectListReader;
import io.varve.repository.object.ObjectReader;
import io.varve.repository.verify.Reference.Use;
import java.io.IOException;

/**
 * Visits the contents of single objects. Lists of chunks are streams: millions of blocks take no
 * memory. For one thread.
 */
final class ObjectWalk {

    private final ObjectReader objects;
    private final BackupVisitor visitor;

    ObjectWalk(ObjectReader objects, BackupVisitor visitor) {
        this.objects = objects;
        this.visitor = visitor;
    }

    /**
     * Visits the contents of a file.
     *
     * @param length of the file, in bytes
     * @param sized whether the object must be of just this length
     */
    void walk(ObjectId object, long length, boolean sized) throws IOException {
        walk(object, 0, length, sized);
    }

    private void walk(ObjectId object, long offset, long length, boolean sized) throws IOException {
        if (object.indirection() == 0) {
            Use use = sized && !object.compressed() ? Use.DATA : Use.DATA_OF_OTHER_LENGTH;
            visitor.needed(new Reference(object.content(), offset, length, use));
            return;
        }
        try {
            long end = walkList(object, offset);
            if (sized && end != length) {
                throw corrupt(object, "it ends at byte %d, not at %d".formatted(end, length));
            }
            visitDescription(object.list(), offset, length);
        } catch (IOException e) {
            Interruption.stopOn(e);
            visitor.damaged(offset, length, object.content().toString(), e);
        }
    }

    private long walkList(ObjectId object, long offset) throws IOException {
        try (IndirectListReader entries = objects.list(object)) {
            while (entries.hasNext()) {
                IndirectEntry entry = entries.next();
                walk(entry.object(), offset + entry.start(), entry.length(), true);
            }
            return entries.end();
        }
    }

    /**
     * Visits the blocks of a volume. A restore takes a flat list of whole blocks, and nothing else.
     *
     * @param length that the table must have, in bytes
     */
    void walkTable(ObjectId object, long length) throws IOException {
        try {
            long end = walkBlocks(object);
            if (end != length) {
                throw corrupt(
                        object,
                        "the table has %d bytes of blocks, the volume %d".formatted(end, length));
            }
            visitDescription(object.list(), 0, length);
        } catch (IOException e) {
            Interruption.stopOn(e);
            visitor.damaged(0, length, object.content().toString(), e);
        }
    }

    private long walkBlocks(ObjectId object) throws IOException {
        try (IndirectListReader entries = objects.list(object)) {
            boolean wholeBlocks = true;
            while (entries.hasNext()) {
                IndirectEntry entry = entries.next();
                if (wholeBlocks && !isBlock(entry)) {
                    // Told once: a table with another layout has no block at all.
                    wholeBlocks = false;
                    visitor.damaged(
                            entry.start(),
                            entry.length(),
                            object.content().toString(),
                            corrupt(
                                    object,
                                    "entry at byte %d is no block".formatted(entry.start())));
                }
                walk(entry.object(), entry.start(), entry.length(), true);
            }
            return entries.end();
        }
    }

    private static boolean isBlock(IndirectEntry entry) {
        return entry.start() % BLOCK_BYTES == 0
                && entry.length() == BLOCK_BYTES
                && entry.object().indirection() == 0
                && !entry.object().compressed();
    }

    /**
     * Visits the contents of an object that describes others, and that could be read.
     *
     * @param offset of the bytes that it describes
     */
    void visitDescription(ObjectId object, long offset, long length) throws IOException {
        if (object.indirection() == 0) {
            visitor.needed(new Reference(object.content(), offset, length, Use.DESCRIPTION));
            return;
        }
        visitDescription(object.list(), offset, length);
        try (IndirectListReader entries = objects.list(object)) {
            while (entries.hasNext()) {
                visitDescription(entries.next().object(), offset, length);
            }
        }
    }

    private static CorruptFormatException corrupt(ObjectId object, String problem) {
        return new CorruptFormatException("list of object " + object, 0, problem);
    }
}
