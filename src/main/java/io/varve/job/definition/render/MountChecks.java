package io.varve.job.definition.render;

import io.varve.blob.StorageLocation;
import io.varve.job.definition.Definition;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Where in a pod a repository's claim must not lie. */
final class MountChecks {

    /** Folders of pods: those that they mount, and those of the image. */
    private static final List<Path> TAKEN =
            Stream.of(
                            "/tmp",
                            "/cache",
                            "/etc",
                            "/dev",
                            "/proc",
                            "/sys",
                            "/run",
                            "/var/run",
                            "/varve",
                            "/opt",
                            "/usr",
                            "/bin",
                            "/sbin",
                            "/lib",
                            "/lib64")
                    .map(Path::of)
                    .toList();

    private MountChecks() {}

    /** The folder that its claim would hide, or be hidden by. */
    static Optional<Path> inTheWay(Definition definition) {
        return switch (StorageLocation.parse(definition.repository().location())) {
            case StorageLocation.Folder(Path path) ->
                    TAKEN.stream()
                            .filter(taken -> taken.startsWith(path) || path.startsWith(taken))
                            .findFirst();
            case StorageLocation.ObjectStore _ -> Optional.empty();
        };
    }
}
