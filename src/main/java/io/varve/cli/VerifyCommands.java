package io.varve.cli;

import io.varve.repository.Repository;
import io.varve.repository.content.DamageException;
import io.varve.repository.verify.Verifier;
import io.varve.repository.verify.VerifyReport;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Proves that backups can be restored. */
@Command(name = "verify", description = "Check backups and the repository.")
final class VerifyCommands {

    private final RepositoryAccess access;
    private final Output output;

    VerifyCommands(RepositoryAccess access, Output output) {
        this.access = access;
        this.output = output;
    }

    /** JSON of {@code verify run}. The keys are a contract. */
    private record Document(
            Status status,
            int backups,
            long contentsChecked,
            long bytesRead,
            List<VerifyReport.Damaged> damaged,
            long sampleSeed) {

        /** What the verification came to. */
        private enum Status {
            CLEAN,
            DAMAGED
        }

        static Document of(VerifyReport report, long sampleSeed) {
            return new Document(
                    report.isClean() ? Status.CLEAN : Status.DAMAGED,
                    report.backups(),
                    report.contentsChecked(),
                    report.bytesRead(),
                    report.damaged(),
                    sampleSeed);
        }
    }

    @Command(
            description = {
                "Check that all that backups refer to is there;",
                "with --read-data also that it is what was stored."
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  varve verify run",
                "  varve verify run --read-data 100",
                "  varve verify run 6ad1c5f0e3b2479c8d21a0b94f7e6c35 --read-data 5",
                "  varve verify run --read-data 5 --sample-seed 8231442109"
            })
    int run(
            @Parameters(
                            arity = "0..*",
                            paramLabel = "ID",
                            description = "Only these backups (default: the whole repository).")
                    List<String> ids,
            @Option(
                            names = "--read-data",
                            paramLabel = "PERCENT",
                            defaultValue = "0",
                            description =
                                    "Share of the contents that is read, decrypted and hashed.")
                    double percent,
            @Option(
                            names = "--sample-seed",
                            paramLabel = "NUMBER",
                            description = "Read the same share as the run that printed it.")
                    Optional<Long> sampleSeed)
            throws IOException {
        if (!(percent >= 0 && percent <= 100)) {
            throw new UsageException("--read-data %s is not from 0 to 100".formatted(percent));
        }
        long seed = sampleSeed.orElseGet(System::nanoTime);
        VerifyReport report = verify(ids == null ? List.of() : ids, percent, seed);
        if (output.json()) {
            output.document(Document.of(report, seed));
        } else {
            print(report);
            if (percent > 0 && percent < 100) {
                output.line("--sample-seed %d reads the same sample again".formatted(seed));
            }
        }
        return report.isClean() ? ExitCode.DONE.number() : ExitCode.DAMAGED.number();
    }

    private VerifyReport verify(List<String> ids, double percent, long seed) throws IOException {
        try (Repository repository = access.openPastCache()) {
            Verifier verifier = new Verifier(repository, percent, seed);
            return ids.isEmpty() ? verifier.verifyAll() : verifier.verify(ids);
        } catch (DamageException e) {
            return VerifyReport.of(e);
        }
    }

    private void print(VerifyReport report) {
        output.line(
                "%d backups, %d contents checked, %s read: %s"
                        .formatted(
                                report.backups(),
                                report.contentsChecked(),
                                Figures.bytes(report.bytesRead()),
                                report.isClean()
                                        ? "all is well"
                                        : "%d damaged places".formatted(report.damaged().size())));
        for (VerifyReport.Damaged damaged : report.damaged()) {
            output.line(
                    "damaged: backup %s, bytes %d to %d, content %s, blob %s: %s"
                            .formatted(
                                    shown(damaged.backupId()),
                                    damaged.offset(),
                                    damaged.offset() + damaged.length(),
                                    shown(damaged.contentId()),
                                    shown(damaged.blob()),
                                    damaged.problem()));
        }
    }

    private static String shown(String id) {
        return id.isEmpty() ? "-" : id;
    }
}
