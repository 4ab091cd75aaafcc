package io.varve.cli;

import io.varve.job.Jobs;
import io.varve.job.RestoreOutcome;
import io.varve.job.RestoreRequest;
import io.varve.job.cluster.ClusterRestore;
import io.varve.job.definition.Definition;
import io.varve.job.definition.render.RestoreManifest;
import io.varve.mover.block.TransferProgress;
import io.varve.repository.Repository;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Restores backups. */
@Command(name = "restore", description = "Restore backups.")
final class RestoreCommands {

    private final Surroundings surroundings;
    private final RepositoryAccess access;
    private final JobsAccess jobs;
    private final Output output;
    private final ClaimRestoring restoring;

    RestoreCommands(
            Surroundings surroundings,
            RepositoryAccess access,
            JobsAccess jobs,
            Output output,
            ClaimRestoring restoring) {
        this.surroundings = surroundings;
        this.access = access;
        this.jobs = jobs;
        this.output = output;
        this.restoring = restoring;
    }

    @Command(
            description = {
                "Restore one backup to a device, an image file, a folder, or a claim of a cluster.",
                "Goes on from the last checkpoint if the last restore to the target did not end."
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  varve restore run 6ad1c5f0e3b2479c8d21a0b94f7e6c35 --to-device /dev/vg0/new --verify",
                "  varve restore run 6ad1c5f0e3b2479c8d21a0b94f7e6c35 --to-device /dev/vg0/data \\",
                "      --in-place incremental",
                "  varve restore run 6ad1c5f0e3b2479c8d21a0b94f7e6c35 --to-directory /srv/restored",
                "  varve restore run 6ad1c5f0e3b2479c8d21a0b94f7e6c35 --to-pvc shop/data \\",
                "      --definition job-definitions/shop.yaml --storage-class fast",
                "  varve restore run 6ad1c5f0e3b2479c8d21a0b94f7e6c35 --to-pvc shop/data \\",
                "      --definition job-definitions/shop.yaml --in-place incremental --preview"
            })
    int run(@Mixin RestoreRunOptions options) throws IOException {
        Optional<ClusterRestore.Order> order = options.order();
        return order.isPresent() ? intoClaim(options, order.get()) : intoPath(options.request());
    }

    @Command(
            description = {
                "Print a Kubernetes Job that does what 'restore run' does with the same options.",
                "Its rights are those of the definition's manifests, which must have been applied."
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  varve restore render 6ad1c5f0e3b2479c8d21a0b94f7e6c35 --to-pvc shop/data \\",
                "      --definition job-definitions/shop.yaml | kubectl apply -f -"
            })
    int render(@Mixin RestoreRunOptions options) throws IOException {
        ClusterRestore.Order order =
                options.order()
                        .orElseThrow(
                                () ->
                                        new UsageException(
                                                "only a restore into a claim runs in a cluster: give --to-pvc"));
        Definition definition = DefinitionNames.read(List.of(options.definition())).getFirst();
        List<String> words = new ArrayList<>(options.words(order, definition.name()));
        words.addAll(List.of("--warnings-as-success", "--log-format", "json"));
        output.line(
                new RestoreManifest(
                                definition,
                                "varve-%s-%08x"
                                        .formatted(
                                                options.preview() ? "preview" : "restore",
                                                surroundings.random().nextInt()),
                                order.claim().namespace(),
                                words,
                                order.newClaim().createNamespace())
                        .text()
                        .stripTrailing());
        return ExitCode.DONE.number();
    }

    private int intoClaim(RestoreRunOptions options, ClusterRestore.Order order)
            throws IOException {
        String definition = options.definition();
        String target = order.claim().toString();
        return options.preview()
                ? report(
                        report -> report.print(restoring.preview(definition, order)),
                        report -> report.printFailedPreview(order.backupId(), target))
                : report(order.backupId(), target, () -> restoring.run(definition, order));
    }

    private int intoPath(RestoreRequest request) throws IOException {
        String target = request.target().path().toString();
        return report(
                request.backupId(),
                target,
                () -> {
                    TransferProgress progress = new TransferProgress();
                    try (Opening<Repository> opening = access.begin();
                            Jobs engine = jobs.open()) {
                        Repository repository = opening.get();
                        return jobs.showing(
                                target,
                                progress,
                                () -> engine.restores().run(repository, request, progress));
                    }
                });
    }

    private int report(String backupId, String target, JobsAccess.Work<RestoreOutcome> work)
            throws IOException {
        return report(
                report -> report.print(work.run()), report -> report.printFailed(backupId, target));
    }

    /** Tells what became of a run. */
    @FunctionalInterface
    private interface Telling {
        ExitCode by(RestoreRunReport report) throws IOException;
    }

    private int report(Telling telling, Consumer<RestoreRunReport> failed) throws IOException {
        RestoreRunReport report = new RestoreRunReport(output, jobs.failures());
        try {
            return telling.by(report).number();
        } catch (IOException | RuntimeException e) {
            failed.accept(report);
            throw e;
        }
    }
}
