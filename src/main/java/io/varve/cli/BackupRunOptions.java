package io.varve.cli;

import io.varve.job.cluster.ClaimName;
import io.varve.job.cluster.RunRequest;
import io.varve.mover.block.BackupRequest;
import io.varve.mover.block.BackupType;
import io.varve.mover.block.CbtMode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The options of {@code backup run}. */
final class BackupRunOptions {

    private static final Set<String> OF_DEVICES =
            Set.of(
                    "--volume",
                    "--cbt",
                    "--changed-blocks",
                    "--allocated-blocks",
                    "--change-id",
                    "--base-change-id",
                    "--volume-id",
                    "--description");

    /** One part of a path in the repository, and a file's name in a restore. */
    private static final String VOLUME_NAME = "[^/\\p{Cntrl}]{1,200}";

    @Option(
            names = "--device",
            paramLabel = "PATH",
            description = "The block device or image file to back up: a frozen point in time.")
    private Optional<Path> device = Optional.empty();

    @Option(
            names = "--pvc",
            paramLabel = "NAMESPACE/NAME",
            description = "One claim, by the rules of the definition, which need not select it.")
    private Optional<String> claim = Optional.empty();

    @Parameters(
            arity = "0..*",
            paramLabel = "DEFINITION",
            description = "Definitions whose claims to back up: files, or their names in a pod.")
    private List<String> definitions = List.of();

    @Spec(Spec.Target.MIXEE)
    private @Nullable CommandSpec command;

    @Option(
            names = "--volume",
            paramLabel = "NAME",
            description = "Name of the volume (default: the last part of PATH).")
    private Optional<String> volume = Optional.empty();

    @Option(
            names = "--type",
            paramLabel = "full|incremental",
            description =
                    "default: incremental, where there is a parent; of claims, the definition's.")
    private Optional<BackupType> type = Optional.empty();

    @Option(
            names = "--parent",
            paramLabel = "auto|none|ID",
            description =
                    "The backup to build on (default: auto, the volume's newest). An ID needs --device or --pvc.")
    private String parent = BackupRequest.PARENT_AUTO;

    @Option(
            names = "--cbt",
            paramLabel = "auto|sparse|compare|none",
            description = "How changed blocks are found (default: auto).")
    private CbtMode cbt = CbtMode.AUTO;

    @Option(
            names = "--changed-blocks",
            paramLabel = "FILE",
            description =
                    "What changed since --base-change-id: a JSON array of {\"offset\",\"length\"}.")
    private Optional<Path> changedBlocks = Optional.empty();

    @Option(
            names = "--allocated-blocks",
            paramLabel = "FILE",
            description = "What a full backup reads; the rest is zero. The same format.")
    private Optional<Path> allocatedBlocks = Optional.empty();

    @Option(
            names = "--change-id",
            paramLabel = "ID",
            description = "The storage's name of this point in time.")
    private Optional<String> changeId = Optional.empty();

    @Option(
            names = "--base-change-id",
            paramLabel = "ID",
            description = "The point in time that --changed-blocks counts from.")
    private Optional<String> baseChangeId = Optional.empty();

    @Option(
            names = "--volume-id",
            paramLabel = "ID",
            description = "The storage's id of the volume (default: its name).")
    private Optional<String> volumeId = Optional.empty();

    @Option(
            names = "--description",
            paramLabel = "TEXT",
            description = "A note that is kept with the backup.")
    private String description = "";

    /** Whether claims of a cluster are meant. */
    boolean isOfCluster() throws UsageException {
        boolean cluster = claim.isPresent() || !definitions.isEmpty();
        if (cluster == device.isPresent()) {
            throw new UsageException(
                    "what is to be backed up is told by --device PATH, or by DEFINITION… and --pvc NAMESPACE/NAME; found %s"
                            .formatted(cluster ? "both" : "neither"));
        }
        if (cluster) {
            checkOptionsOfDevices();
        }
        return cluster;
    }

    /** Left unread they would not do what somebody wants. */
    private void checkOptionsOfDevices() throws UsageException {
        for (OptionSpec option :
                Objects.requireNonNull(command).commandLine().getParseResult().matchedOptions()) {
            if (OF_DEVICES.contains(option.longestName())) {
                throw new UsageException(
                        "%s is for --device; the definition says how claims are backed up"
                                .formatted(option.longestName()));
            }
        }
    }

    /** What the options ask of definitions. */
    RunRequest runRequest() throws UsageException {
        Optional<ClaimName> only =
                claim.isEmpty()
                        ? Optional.empty()
                        : Optional.of(DefinitionNames.claim("--pvc", claim.get()));
        RunRequest request = new RunRequest(only, type, parent());
        if (request.namesParent() && only.isEmpty()) {
            throw new UsageException(
                    "--parent %s is a backup of one volume; say which by --pvc NAMESPACE/NAME"
                            .formatted(parent()));
        }
        return request;
    }

    private String parent() {
        return parent.isEmpty() ? BackupRequest.PARENT_AUTO : parent;
    }

    List<String> definitions() {
        return definitions;
    }

    /** What the options ask for. */
    BackupRequest request() throws UsageException {
        checkRanges("--changed-blocks", changedBlocks);
        checkRanges("--allocated-blocks", allocatedBlocks);
        Path path = device.orElseThrow().toAbsolutePath().normalize();
        String name = volume.orElseGet(() -> String.valueOf(path.getFileName()));
        if (!name.matches(VOLUME_NAME) || name.equals(".") || name.equals("..")) {
            throw new UsageException(
                    "volume name '%s' is not 1 to 200 characters without '/' and control characters"
                            .formatted(name));
        }
        return new BackupRequest(
                name,
                volumeId.orElse(name),
                path.toString(),
                type.orElse(BackupType.INCREMENTAL),
                parent(),
                cbt,
                absolute(changedBlocks),
                absolute(allocatedBlocks),
                changeId,
                baseChangeId,
                description);
    }

    /** Every other way of finding blocks would leave the file unread, and nobody would know. */
    private void checkRanges(String option, Optional<Path> file) throws UsageException {
        if (file.isPresent() && cbt != CbtMode.AUTO) {
            throw new UsageException(
                    "%s needs --cbt auto; --cbt %s finds the blocks itself; leave one of them out"
                            .formatted(option, cbt.name().toLowerCase(Locale.ROOT)));
        }
    }

    private static Optional<String> absolute(Optional<Path> file) {
        return file.map(path -> path.toAbsolutePath().normalize().toString());
    }
}
