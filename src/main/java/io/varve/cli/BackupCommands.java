package io.varve.cli;

import io.varve.cbt.ranges.InvalidRangesException;
import io.varve.cbt.ranges.RangesFile;
import io.varve.job.BackupOutcome;
import io.varve.job.Jobs;
import io.varve.mover.block.BackupRequest;
import io.varve.mover.block.TransferProgress;
import io.varve.repository.Backup;
import io.varve.repository.BackupListing;
import io.varve.repository.Repository;
import io.varve.repository.content.DamageException;
import io.varve.volume.BlockDevice;
import io.varve.volume.BlockDevices;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes, shows and deletes backups. */
@Command(name = "backup", description = "Back up volumes; list, show and delete backups.")
final class BackupCommands {

    private final RepositoryAccess access;
    private final JobsAccess jobs;
    private final Output output;
    private final DefinitionRuns definitions;

    BackupCommands(
            RepositoryAccess access, JobsAccess jobs, Output output, DefinitionRuns definitions) {
        this.definitions = definitions;
        this.access = access;
        this.jobs = jobs;
        this.output = output;
    }

    @Command(
            description = {
                "Back up one block device or image file, or claims of a Kubernetes cluster.",
                "Goes on from the last checkpoint if the last run of the volume did not end."
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  varve backup run --device /dev/vg0/data-snap --volume data",
                "  varve backup run --device disk.img --type full --json",
                "  varve backup run --device /dev/rbd0 --volume data --change-id s2 \\",
                "      --base-change-id s1 --changed-blocks changed.json",
                "  varve backup run job-definitions/one-namespace.yaml",
                "  varve backup run nightly.yaml --pvc shop/database --type full"
            })
    int run(@Mixin BackupRunOptions options) throws IOException {
        if (options.isOfCluster()) {
            return definitions.run(options.definitions(), options.runRequest()).number();
        }
        BackupRequest request = options.request();
        BackupRunReport report = new BackupRunReport(output, jobs.failures());
        try {
            CompletableFuture<Long> bytesToHash = new CompletableFuture<>();
            BackupOutcome outcome;
            try (Opening<Repository> opening = begin(request, bytesToHash)) {
                tell(bytesToHash, request);
                outcome = run(opening, request);
            }
            return report.print(request.device(), outcome).number();
        } catch (IOException | RuntimeException e) {
            report.printFailed(request);
            throw e;
        }
    }

    /** Where both are refused, the device is what is told of: it is nearer. */
    private Opening<Repository> begin(BackupRequest request, CompletableFuture<Long> bytesToHash)
            throws IOException {
        try {
            return access.begin(bytesToHash);
        } catch (IOException | RuntimeException e) {
            tell(bytesToHash, request);
            throw e;
        }
    }

    /** Where the device is refused 0: whoever waits for it must not wait for ever. */
    private static void tell(CompletableFuture<Long> bytesToHash, BackupRequest request)
            throws IOException {
        long bytes = 0;
        try {
            bytes = bytesToHash(request);
        } finally {
            bytesToHash.complete(bytes);
        }
    }

    private BackupOutcome run(Opening<Repository> opening, BackupRequest request)
            throws IOException {
        TransferProgress progress = new TransferProgress();
        try (Jobs engine = jobs.open()) {
            Repository repository = opening.get();
            return jobs.showing(
                    request.volume(),
                    progress,
                    () -> engine.backups().run(repository, request, progress));
        }
    }

    /**
     * How much is to be hashed at most, in bytes, as far as is known yet: a whole volume, or 0.
     * Before the database is opened, because a bad file of ranges or a missing device must change
     * nothing; its repository's key is computed meanwhile.
     */
    private static long bytesToHash(BackupRequest request) throws IOException {
        try (BlockDevice device = BlockDevices.openSource(Path.of(request.device()))) {
            List<String> files =
                    Stream.of(request.changedBlocks(), request.allocatedBlocks())
                            .flatMap(Optional::stream)
                            .toList();
            for (String file : files) {
                checkRanges(Path.of(file), device.size());
            }
            return files.isEmpty() ? device.size() : 0;
        } catch (NoSuchFileException e) {
            throw new UsageException(Failure.describe(e), e);
        }
    }

    private static void checkRanges(Path file, long volumeBytes) throws IOException {
        try {
            RangesFile.read(file, volumeBytes);
        } catch (InvalidRangesException e) {
            throw e;
        } catch (IOException e) {
            throw new UsageException(
                    "ranges in %s cannot be read: %s".formatted(file, Failure.describe(e)), e);
        }
    }

    @Command(
            description = "List backups, the newest first.",
            footerHeading = "%nExamples:%n",
            footer = {"  varve backup list --volume data", "  varve backup list --all --json"})
    int list(
            @Option(
                            names = "--volume",
                            paramLabel = "NAME",
                            description = "Only those of this volume.")
                    Optional<String> volume,
            @Option(names = "--all", description = "Also file trees that kopia wrote.") boolean all)
            throws IOException {
        try (Repository repository = access.open()) {
            BackupListing listing = repository.backups().listing();
            List<BackupEntry> entries =
                    listing.backups().stream()
                            .filter(backup -> all || backup.isBlock())
                            .filter(
                                    backup ->
                                            volume.isEmpty()
                                                    || volume.get().equals(backup.volume()))
                            .map(BackupEntry::of)
                            .toList();
            if (output.json()) {
                output.document(entries);
            } else {
                output.table(BackupEntry.HEADER, entries.stream().map(BackupEntry::row).toList());
            }
            listing.unreadable().forEach(this::warnOf);
            for (DamageException damage : listing.damaged()) {
                output.warning(
                        "backups whose manifests lay in a damaged content are left out: "
                                + damage.getMessage());
            }
            return (listing.damaged().isEmpty() ? ExitCode.DONE : ExitCode.DAMAGED).number();
        }
    }

    private void warnOf(BackupListing.Unreadable bad) {
        output.warning("backup %s is left out: %s".formatted(bad.id(), bad.damage().getMessage()));
    }

    @Command(
            description = "Show everything about one backup, also why it is full.",
            footerHeading = "%nExamples:%n",
            footer = "  varve backup show 6ad1c5f0e3b2479c8d21a0b94f7e6c35")
    int show(@Parameters(paramLabel = "ID", description = "The backup's id.") String id)
            throws IOException {
        try (Repository repository = access.open()) {
            Backup backup = repository.backups().get(id);
            BackupDetails details = BackupDetails.of(backup);
            if (output.json()) {
                output.document(details);
            } else {
                output.facts(details.facts());
            }
        }
        return ExitCode.DONE.number();
    }

    @Command(
            description = {
                "Delete backups. Others stay whole: each is complete in itself.",
                "The space is freed by kopia's maintenance."
            },
            footerHeading = "%nExamples:%n",
            footer = "  varve backup delete 6ad1c5f0e3b2479c8d21a0b94f7e6c35")
    int delete(
            @Parameters(arity = "1..*", paramLabel = "ID", description = "The backups' ids.")
                    List<String> ids)
            throws IOException {
        List<DamageException> damaged;
        ExitCode code;
        try (Opening<Repository> opening = access.begin();
                Jobs engine = jobs.open()) {
            Repository repository = opening.get();
            code =
                    new DeleteReport(output, jobs.failures())
                            .print(engine.deletions().run(repository, ids));
            damaged = repository.manifests().load().damaged();
        }
        for (DamageException damage : damaged) {
            output.warning("other manifests are damaged: " + damage.getMessage());
        }
        return (code == ExitCode.DONE && !damaged.isEmpty() ? ExitCode.WARNINGS : code).number();
    }
}
