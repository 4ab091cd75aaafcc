package io.varve.cli;

import io.varve.catalog.Run;
import io.varve.format.compress.Compression;
import io.varve.job.Jobs;
import io.varve.job.MoverRuns;
import io.varve.mover.block.TransferProgress;
import io.varve.repository.Repository;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What a launcher starts beside a volume's device. Not for people. */
@Command(name = "mover", hidden = true, description = "Copies blocks for a launcher.")
final class MoverCommands {

    /** As the schema of definitions has it. */
    private static final int MOST_PER_NODE = 100;

    private final Settings settings;
    private final RepositoryAccess access;
    private final JobsAccess jobs;
    private final Output output;

    MoverCommands(Settings settings, RepositoryAccess access, JobsAccess jobs, Output output) {
        this.settings = settings;
        this.access = access;
        this.jobs = jobs;
        this.output = output;
    }

    /** What a mover did; its last line, for whoever looks at its pod. */
    record Result(
            long jobExecutionId, String volume, String status, long readBytes, long storedBytes) {}

    @Command(
            hidden = true,
            description = "Copy the blocks of one run, from its last checkpoint on.",
            footerHeading = "%nExamples:%n",
            footer = "  varve mover run --execution 7 --token 3 --device /dev/varve/volume")
    int run(
            @Option(
                            names = "--execution",
                            required = true,
                            paramLabel = "EXECUTION",
                            description = "The launcher's execution, which waits in its transfer.")
                    long execution,
            @Option(
                            names = "--token",
                            required = true,
                            paramLabel = "NUMBER",
                            description = "The fencing token of the launcher's lease.")
                    long token,
            @Option(
                            names = "--device",
                            required = true,
                            paramLabel = "PATH",
                            description = "Where the volume is.")
                    Path device,
            @Option(
                            names = "--compression",
                            paramLabel = "NAME",
                            description =
                                    "How the blocks of a backup are stored, as the launcher decided it.")
                    Optional<String> compression)
            throws IOException {
        TransferProgress progress = new TransferProgress();
        Optional<Compression> decided =
                compression.isEmpty()
                        ? Optional.empty()
                        : Optional.of(Compression.named(compression.get()));
        try (Opening<Repository> opening = access.beginWithoutIndex();
                Jobs engine = jobs.open(JobsSettings.Role.MOVER)) {
            Repository repository = opening.get();
            var task =
                    new MoverRuns.Task(
                            execution, token, device.toAbsolutePath().normalize(), decided);
            Run run;
            try (var _ = slot(engine, task)) {
                run =
                        jobs.showing(
                                device.toString(),
                                progress,
                                () -> engine.movers().run(repository, task, progress));
            }
            output.document(
                    new Result(
                            execution,
                            run.volume(),
                            "COPIED",
                            progress.readBytes(),
                            progress.storedBytes()));
        }
        return ExitCode.DONE.number();
    }

    /** One that nobody placed on a node asks for none. */
    private Closeable slot(Jobs engine, MoverRuns.Task task) throws IOException {
        Optional<String> node = settings.find(Setting.NODE);
        return node.isEmpty()
                ? () -> {}
                : engine.slots()
                        .await(
                                task,
                                node.get(),
                                settings.positive(Setting.PER_NODE, MOST_PER_NODE, MOST_PER_NODE));
    }
}
