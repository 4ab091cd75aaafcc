package io.varve.cli;

import io.varve.job.Jobs;
import io.varve.job.cluster.BaseFates;
import io.varve.kube.Cluster;
import io.varve.kube.SweepReport;
import io.varve.kube.SweepReport.Finding;
import io.varve.kube.snapshot.RetainedBase;
import io.varve.repository.Repository;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Removes from the cluster what ended runs left. */
@Command(
        name = "sweep",
        description = {
            "Remove from the cluster what ended runs left behind, and bases that no backup needs.",
            "What is of a run that nobody knows, or of another installation, is only listed."
        },
        footerHeading = "%nExamples:%n",
        footer = "  varve sweep --json")
final class SweepCommand implements Callable<Integer> {

    private final RepositoryAccess access;
    private final ClusterAccess clusters;
    private final Output output;

    SweepCommand(
            Surroundings surroundings, RepositoryAccess access, JobsAccess jobs, Output output) {
        this.access = access;
        this.clusters = new ClusterAccess(surroundings, jobs);
        this.output = output;
    }

    /** A VolumeSnapshot that is kept for the next backup of a volume. */
    record Base(String object, String volumeHandle, String backupId) {

        static Base of(RetainedBase base) {
            return new Base(
                    "VolumeSnapshot %s/%s".formatted(base.namespace(), base.name()),
                    base.volumeHandle(),
                    base.backupId());
        }
    }

    /** JSON of {@code sweep}. */
    record Document(
            List<Finding> deleted,
            List<Finding> left,
            List<Finding> foreign,
            List<Finding> failed,
            List<Base> bases) {}

    @Override
    public Integer call() throws IOException {
        Document document;
        try (Opening<Repository> opening = access.begin();
                Jobs engine = clusters.openJobs(1)) {
            document = sweep(engine, opening.get());
        }
        print(document);
        boolean clean = document.left().isEmpty() && document.failed().isEmpty();
        return (clean ? ExitCode.DONE : ExitCode.WARNINGS).number();
    }

    private Document sweep(Jobs engine, Repository repository) throws IOException {
        try (Cluster cluster = clusters.connect(repository)) {
            SweepReport report =
                    cluster.sweep()
                            .sweep(
                                    objects -> engine.fates().of(objects.run()),
                                    new BaseFates(repository.backups(), engine.fates().now()),
                                    engine.fates()::stopRequested);
            return new Document(
                    report.deleted(),
                    report.left(),
                    report.foreign(),
                    report.failed(),
                    cluster.bases().all().stream().map(Base::of).toList());
        }
    }

    private void print(Document document) {
        if (output.json()) {
            output.document(document);
        } else {
            document.deleted().forEach(each -> output.line("deleted " + each.object()));
            document.foreign().forEach(each -> output.line("not ours: " + text(each)));
            document.bases()
                    .forEach(
                            each ->
                                    output.line(
                                            "kept as a base: %s of backup %s"
                                                    .formatted(each.object(), each.backupId())));
        }
        document.left().forEach(each -> output.warning("left alone: " + text(each)));
        document.failed().forEach(each -> output.warning("not deleted: " + text(each)));
    }

    private static String text(Finding finding) {
        return finding.object() + ": " + finding.reason();
    }
}
