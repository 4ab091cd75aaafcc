package io.varve.cli;

import io.varve.job.RestoreRequest;
import io.varve.job.RestoreTarget;
import io.varve.mover.block.RestoreMode;
import io.varve.volume.TargetOptions.Existing;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The options of {@code restore run}. */
final class RestoreRunOptions {

    @Parameters(paramLabel = "ID", description = "The backup's id.")
    private String backupId = "";

    @ArgGroup(multiplicity = "1")
    private Target target = new Target();

    @Option(
            names = "--in-place",
            paramLabel = "full|incremental",
            description = {
                "The target holds data that may go: write all of it,",
                "or only the blocks that differ from the backup."
            })
    private Optional<InPlace> inPlace = Optional.empty();

    @Option(
            names = "--verify",
            description = "Read the target back and compare it with the backup.")
    private boolean verify;

    @Option(
            names = "--overwrite",
            description = "Take a file or folder that is not empty, and a device in use.")
    private boolean overwrite;

    /** One of them must be given. */
    static final class Target {
        @Option(
                names = "--to-device",
                paramLabel = "PATH",
                description = "A block device or image file, made if it is not there.")
        private Optional<Path> device = Optional.empty();

        @Option(
                names = "--to-directory",
                paramLabel = "PATH",
                description = "A folder: gets the files, or the volume as an image file.")
        private Optional<Path> directory = Optional.empty();
    }

    /** What is written to a target that holds data. */
    enum InPlace {
        FULL,
        INCREMENTAL
    }

    /** What the options ask for. */
    RestoreRequest request() throws UsageException {
        Path path =
                target.device
                        .or(() -> target.directory)
                        .orElseThrow(
                                () -> new UsageException("give --to-device or --to-directory"));
        if (inPlace.isPresent() && target.device.isEmpty()) {
            throw new UsageException("--in-place needs --to-device");
        }
        RestoreMode mode =
                inPlace.filter(InPlace.INCREMENTAL::equals).isPresent()
                        ? RestoreMode.DIFFERING
                        : RestoreMode.WHOLE;
        RestoreTarget.Kind kind =
                target.device.isPresent()
                        ? RestoreTarget.Kind.DEVICE
                        : RestoreTarget.Kind.DIRECTORY;
        return new RestoreRequest(
                backupId, new RestoreTarget(kind, path, mode, existing()), verify);
    }

    private Existing existing() {
        if (overwrite) {
            return Existing.OVERWRITE;
        }
        return inPlace.isPresent() ? Existing.RESUME : Existing.REFUSE;
    }
}
