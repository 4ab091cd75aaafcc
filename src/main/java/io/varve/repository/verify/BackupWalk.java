package io.varve.repository.verify;

import io.varve.format.ObjectId;
import io.varve.format.object.Directory;
import io.varve.format.object.DirectoryEntry;
import io.varve.format.object.EntryType;
import io.varve.repository.Backup;
import io.varve.repository.content.DamageException;
import io.varve.repository.object.ObjectReader;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * Visits every content that one backup needs, block tables and directories read on the way, and
 * checks that they fit together as a restore needs them to. Goes on after damage, wherever
 * something is left to walk. Holds the directories on the path to where it is, and nothing of the
 * data. For one thread, one walk.
 */
final class BackupWalk {

    private final Backup backup;
    private final ObjectReader objects;
    private final BackupVisitor visitor;
    private final ObjectWalk data;

    BackupWalk(Backup backup, ObjectReader objects, BackupVisitor visitor) {
        this.backup = backup;
        this.objects = objects;
        this.visitor = visitor;
        this.data = new ObjectWalk(objects, visitor);
    }

    /** Throws only what the visitor throws, or if the thread was interrupted. */
    void run() throws IOException {
        Optional<DirectoryEntry> root = backup.manifest().rootEntry();
        if (root.isEmpty()) {
            visitor.damaged(0, 0, "", corrupt("the manifest has no root entry"));
        } else if (backup.isBlock()) {
            walkVolume(root.get());
        } else {
            walkTree(root.get());
        }
    }

    private void walkVolume(DirectoryEntry root) throws IOException {
        long padded = backup.paddedBytes();
        checkSize("the manifest", backup.manifest().stats().totalSize(), padded);
        Optional<Directory> directory = open(root);
        if (directory.isEmpty()) {
            return;
        }
        List<DirectoryEntry> entries = directory.get().entries();
        if (entries.size() != 1 || entries.getFirst().object().isEmpty()) {
            visitor.damaged(
                    0,
                    padded,
                    contentOf(root),
                    corrupt(
                            "the root has %d entries, a block backup has one with an object"
                                    .formatted(entries.size())));
            return;
        }
        DirectoryEntry volume = entries.getFirst();
        checkSize("the directory", volume.size(), padded);
        data.walkTable(volume.object().get(), padded);
    }

    private void checkSize(String source, long found, long padded) throws IOException {
        if (found != padded) {
            visitor.damaged(
                    0,
                    padded,
                    "",
                    corrupt(
                            "%s says %d bytes, a volume of %d bytes has blocks of %d"
                                    .formatted(source, found, backup.volumeBytes(), padded)));
        }
    }

    /** Depth first, so that memory grows with the depth of the tree and not with its width. */
    private void walkTree(DirectoryEntry root) throws IOException {
        Deque<Iterator<DirectoryEntry>> path = new ArrayDeque<>();
        path.push(List.of(root).iterator());
        while (!path.isEmpty()) {
            if (!path.element().hasNext()) {
                path.remove();
                continue;
            }
            DirectoryEntry entry = path.element().next();
            switch (entry.type()) {
                case DIRECTORY ->
                        open(entry).ifPresent(found -> path.push(found.entries().iterator()));
                case FILE, SYMLINK -> walkFile(entry);
                case UNKNOWN ->
                        visitor.damaged(
                                0,
                                entry.size(),
                                contentOf(entry),
                                corrupt("entry '%s' is of no known type".formatted(entry.name())));
            }
        }
    }

    private void walkFile(DirectoryEntry entry) throws IOException {
        if (entry.object().isEmpty()) {
            visitor.damaged(0, entry.size(), "", withoutObject(entry));
            return;
        }
        // The size of a link is that of its target where its writer tells one; nothing needs it.
        boolean sized = entry.type() == EntryType.FILE;
        data.walk(entry.object().get(), entry.size(), sized);
    }

    private Optional<Directory> open(DirectoryEntry entry) throws IOException {
        try {
            ObjectId object = entry.object().orElseThrow(() -> withoutObject(entry));
            Directory directory = objects.directory(object);
            if (!backup.isBlock()) {
                directory.checkNames(object);
            }
            data.visitDescription(object, 0, entry.size());
            return Optional.of(directory);
        } catch (IOException e) {
            Interruption.stopOn(e);
            visitor.damaged(0, entry.size(), contentOf(entry), e);
            return Optional.empty();
        }
    }

    private static String contentOf(DirectoryEntry entry) {
        return entry.object().map(object -> object.content().toString()).orElse("");
    }

    private DamageException withoutObject(DirectoryEntry entry) {
        return corrupt("entry '%s' has no object".formatted(entry.name()));
    }

    private DamageException corrupt(String problem) {
        return DamageException.ofManifest(backup.id(), problem);
    }
}
