package io.varve.cli;

import io.varve.job.RestoreRequest;
import io.varve.job.RestoreTarget;
import io.varve.job.cluster.ClusterRestore;
import io.varve.mover.block.RestoreMode;
import io.varve.volume.TargetOptions.Existing;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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
            names = "--preview",
            description = {
                "With --to-pvc and --in-place: say what would be written, and write nothing.",
                "Pods may go on using the claim."
            })
    private boolean preview;

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

        @Option(
                names = "--to-pvc",
                paramLabel = "NAMESPACE/NAME",
                description = "A claim in the cluster: a new one, or with --in-place one there is.")
        private Optional<String> claim = Optional.empty();
    }

    @ArgGroup(exclusive = false, heading = "%nOnly with --to-pvc:%n")
    private RestoreClaimOptions ofClaim = new RestoreClaimOptions();

    /** What is written to a target that holds data. */
    enum InPlace {
        FULL,
        INCREMENTAL;

        RestoreMode mode() {
            return this == INCREMENTAL ? RestoreMode.DIFFERING : RestoreMode.WHOLE;
        }
    }

    /** What the options ask for, where the target is a claim. */
    Optional<ClusterRestore.Order> order() throws UsageException {
        if (preview && (target.claim.isEmpty() || inPlace.isEmpty())) {
            throw new UsageException(
                    "--preview says what a restore in place would write to a claim: it needs --to-pvc and --in-place");
        }
        if (target.claim.isEmpty()) {
            if (ofClaim.given()) {
                throw new UsageException("--definition and what is said of a claim need --to-pvc");
            }
            return Optional.empty();
        }
        if (overwrite) {
            throw new UsageException(
                    "--overwrite is for files, folders and devices; a claim that is there is restored with --in-place");
        }
        if (inPlace.isPresent() && ofClaim.ofNewClaim()) {
            throw new UsageException(
                    "a claim that is restored in place stays as it is: leave out what is said of a new one");
        }
        return Optional.of(
                new ClusterRestore.Order(
                        backupId,
                        DefinitionNames.claim("--to-pvc", target.claim.get()),
                        inPlace.map(InPlace::mode),
                        ofClaim.newClaim(),
                        verify));
    }

    /** Whether nothing is to be written. */
    boolean preview() {
        return preview;
    }

    /** The words of {@code varve} that restore an order, where the definition has this name. */
    List<String> words(ClusterRestore.Order order, String definitionName) {
        List<String> words =
                new ArrayList<>(
                        List.of("restore", "run", backupId, "--to-pvc", order.claim().toString()));
        words.addAll(List.of("--definition", definitionName));
        inPlace.ifPresent(
                mode -> words.addAll(List.of("--in-place", mode.name().toLowerCase(Locale.ROOT))));
        if (preview) {
            words.add("--preview");
        }
        if (verify) {
            words.add("--verify");
        }
        words.addAll(ofClaim.words());
        return words;
    }

    /** That says how movers are started. */
    String definition() throws UsageException {
        return ofClaim.definition();
    }

    /** What the options ask for, where the target is none. */
    RestoreRequest request() throws UsageException {
        Path path =
                target.device
                        .or(() -> target.directory)
                        .orElseThrow(
                                () -> new UsageException("give --to-device or --to-directory"));
        if (inPlace.isPresent() && target.device.isEmpty()) {
            throw new UsageException("--in-place needs --to-device or --to-pvc");
        }
        RestoreMode mode = inPlace.map(InPlace::mode).orElse(RestoreMode.WHOLE);
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
