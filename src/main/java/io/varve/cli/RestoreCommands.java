package io.varve.cli;

import io.varve.job.Jobs;
import io.varve.job.RestoreOutcome;
import io.varve.job.RestoreRequest;
import io.varve.mover.block.TransferProgress;
import io.varve.repository.Repository;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Restores backups. */
@Command(name = "restore", description = "Restore backups.")
final class RestoreCommands {

    private final RepositoryAccess access;
    private final JobsAccess jobs;
    private final Output output;

    RestoreCommands(RepositoryAccess access, JobsAccess jobs, Output output) {
        this.access = access;
        this.jobs = jobs;
        this.output = output;
    }

    @Command(
            description = {
                "Restore one backup to a device, an image file or a folder.",
                "Goes on from the last checkpoint if the last restore to the target did not end."
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  varve restore run 6ad1c5f0e3b2479c8d21a0b94f7e6c35 --to-device /dev/vg0/new --verify",
                "  varve restore run 6ad1c5f0e3b2479c8d21a0b94f7e6c35 --to-device /dev/vg0/data \\",
                "      --in-place incremental",
                "  varve restore run 6ad1c5f0e3b2479c8d21a0b94f7e6c35 --to-directory /srv/restored"
            })
    int run(@Mixin RestoreRunOptions options) throws IOException {
        RestoreRequest request = options.request();
        RestoreRunReport report = new RestoreRunReport(output, jobs.failures());
        try {
            TransferProgress progress = new TransferProgress();
            RestoreOutcome outcome;
            try (Repository repository = access.open();
                    Jobs engine = jobs.open()) {
                outcome =
                        jobs.showing(
                                request.target().path().toString(),
                                progress,
                                () -> engine.restores().run(repository, request, progress));
            }
            return report.print(outcome).number();
        } catch (IOException | RuntimeException e) {
            report.printFailed(request);
            throw e;
        }
    }
}
