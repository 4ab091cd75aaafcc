package io.varve.repository.verify;

import io.varve.format.CorruptFormatException;
import io.varve.format.ObjectId;
import io.varve.format.index.IndexEntry;
import io.varve.format.object.DirectoryEntry;
import io.varve.format.object.EntryType;
import io.varve.format.object.IndirectEntry;
import io.varve.format.object.IndirectListReader;
import io.varve.repository.Backup;
import io.varve.repository.Repository;
import io.varve.repository.content.ContentIndex;
import io.varve.repository.content.DamageException;
import io.varve.repository.object.ObjectReader;
import io.varve.repository.verify.VerifyReport.Damaged;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Visits every data content that one backup needs, block tables and directories read on the way.
 * Millions of blocks take no memory. For one thread, one walk.
 */
final class BackupWalk {

    private final Backup backup;
    private final ContentIndex index;
    private final ObjectReader objects;

    /** A data content, and which bytes of its file or volume it holds. */
    @FunctionalInterface
    interface Visitor {
        void visit(IndexEntry entry, long offset, long length) throws IOException;
    }

    BackupWalk(Repository repository, Backup backup) {
        this.backup = backup;
        this.index = repository.index();
        this.objects = repository.newObjectReader();
    }

    /** Walks on after damage, wherever something is left to walk. */
    void run(Visitor visitor, Consumer<Damaged> damaged) throws IOException {
        Deque<DirectoryEntry> pending = new ArrayDeque<>();
        Optional<DirectoryEntry> root = backup.manifest().rootEntry();
        if (root.isEmpty()) {
            damaged.accept(
                    new Damaged(backup.id(), 0, 0, "", "", "the manifest has no root entry"));
            return;
        }
        pending.add(root.get());
        while (!pending.isEmpty()) {
            DirectoryEntry entry = pending.remove();
            try {
                if (entry.type() == EntryType.DIRECTORY) {
                    pending.addAll(objects.directory(objectOf(entry)).entries());
                } else {
                    walkObject(objectOf(entry), 0, entry.size(), visitor, damaged);
                }
            } catch (DamageException e) {
                damaged.accept(Damaged.of(backup.id(), 0, entry.size(), e));
            } catch (CorruptFormatException e) {
                damaged.accept(
                        new Damaged(
                                backup.id(),
                                0,
                                entry.size(),
                                entry.object().map(ObjectId::toString).orElse(""),
                                "",
                                e.getMessage()));
            }
        }
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

    private void walkObject(
            ObjectId object, long offset, long length, Visitor visitor, Consumer<Damaged> damaged)
            throws IOException {
        if (object.indirection() == 0) {
            visitContent(object, offset, length, visitor, damaged);
            return;
        }
        try (IndirectListReader entries = objects.list(object)) {
            while (entries.hasNext()) {
                IndirectEntry entry = entries.next();
                if (entry.object().indirection() == 0) {
                    visitContent(
                            entry.object(),
                            offset + entry.start(),
                            entry.length(),
                            visitor,
                            damaged);
                } else {
                    walkObject(
                            entry.object(),
                            offset + entry.start(),
                            entry.length(),
                            visitor,
                            damaged);
                }
            }
        }
    }

    private void visitContent(
            ObjectId object, long offset, long length, Visitor visitor, Consumer<Damaged> damaged)
            throws IOException {
        try {
            IndexEntry entry =
                    index.find(object.content())
                            .orElseThrow(
                                    () ->
                                            DamageException.ofContent(
                                                    object.content(),
                                                    "no index blob says where it lies"));
            visitor.visit(entry, offset, length);
        } catch (DamageException e) {
            damaged.accept(Damaged.of(backup.id(), offset, length, e));
        }
    }
}
