package io.varve.mover.files;

import io.varve.format.object.DirectoryEntry;
import io.varve.format.object.EntryType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;

/**
 * Sets owners, modes and times of restored files. What the user may not set is a warning: the data
 * is whole without it. For one thread.
 */
final class FileAttributes {

    /** Warnings beyond these only count. */
    private static final int MAX_WARNINGS = 10;

    private final List<String> warnings = new ArrayList<>();
    private long more;

    /** Owner first: changing it takes set-user-id bits away. */
    void apply(DirectoryEntry entry, Path path) {
        setOwner(entry, path);
        if (entry.type() != EntryType.SYMLINK) {
            attempt("mode", path, () -> setMode(entry, path));
            attempt(
                    "time",
                    path,
                    () -> Files.setLastModifiedTime(path, FileTime.from(entry.modified())));
        }
    }

    private static void setMode(DirectoryEntry entry, Path path) throws IOException {
        Files.setAttribute(path, "unix:mode", entry.mode().toUnix(), LinkOption.NOFOLLOW_LINKS);
    }

    private void setOwner(DirectoryEntry entry, Path path) {
        attempt(
                "owner",
                path,
                () -> {
                    Object uid = Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
                    Object gid = Files.getAttribute(path, "unix:gid", LinkOption.NOFOLLOW_LINKS);
                    if (!uid.equals((int) entry.uid())) {
                        Files.setAttribute(
                                path, "unix:uid", (int) entry.uid(), LinkOption.NOFOLLOW_LINKS);
                    }
                    if (!gid.equals((int) entry.gid())) {
                        Files.setAttribute(
                                path, "unix:gid", (int) entry.gid(), LinkOption.NOFOLLOW_LINKS);
                    }
                });
    }

    private void attempt(String what, Path path, Change change) {
        try {
            change.apply();
        } catch (IOException e) {
            if (warnings.size() < MAX_WARNINGS) {
                warnings.add("%s of %s was not set: %s".formatted(what, path, e.getMessage()));
            } else {
                more++;
            }
        }
    }

    List<String> warnings() {
        List<String> all = new ArrayList<>(warnings);
        if (more > 0) {
            all.add("%d more attributes were not set".formatted(more));
        }
        return all;
    }

    @FunctionalInterface
    private interface Change {
        void apply() throws IOException;
    }
}
