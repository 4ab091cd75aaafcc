package io.varve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.blob.BlobStorage;
import io.varve.blob.StorageLocation;
import io.varve.catalog.Holder;
import io.varve.catalog.LeaseName;
import io.varve.catalog.Owner;
import io.varve.catalog.Run;
import io.varve.job.RunBusyException;
import io.varve.job.cluster.DefinitionOutcome;
import io.varve.job.cluster.DefinitionOutcome.Unsupported;
import io.varve.job.cluster.VolumeResult;
import io.varve.mover.block.BackupType;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a Job of many volumes ends with, and what is said of each. */
class DefinitionReportTest {

    private static final String BACKUP = "0123456789abcdef0123456789abcdef";

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final GlobalOptions options = new GlobalOptions();
    private final LastWords lastWords = new LastWords(new Settings(Map.of(), Map.of()));
    private final DefinitionReport report =
            new DefinitionReport(
                    new Output(new PrintWriter(out), new PrintWriter(err), options, lastWords),
                    new FailureReport(surroundings(), options, lastWords));

    private Surroundings surroundings() {
        Surroundings.StorageOpener none =
                new Surroundings.StorageOpener() {
                    @Override
                    public BlobStorage open(StorageLocation location) {
                        throw new IllegalStateException();
                    }

                    @Override
                    public BlobStorage create(StorageLocation location) {
                        throw new IllegalStateException();
                    }
                };
        Surroundings.DatabaseSchemas untouched =
                new Surroundings.DatabaseSchemas() {
                    @Override
                    public DatabaseSchema look(DatabaseSettings settings) {
                        throw new IllegalStateException();
                    }

                    @Override
                    public DatabaseSchema migrate(DatabaseSettings settings) {
                        throw new IllegalStateException();
                    }
                };
        return new Surroundings(
                new Settings(Map.of(), Map.of()),
                new PrintWriter(out),
                new PrintWriter(err),
                false,
                false,
                new Surroundings.Openers(
                        none,
                        _ -> {
                            throw new IllegalStateException();
                        },
                        (_, _, _, _) -> OptionalInt.empty(),
                        untouched),
                InstantSource.system(),
                new Random(1));
    }

    private static DefinitionOutcome outcome(
            List<VolumeResult> volumes, List<Unsupported> unsupported) {
        return new DefinitionOutcome(
                "nightly", volumes, unsupported, List.of("shop/scratch"), List.of(), List.of());
    }

    private static VolumeResult done(String volume) {
        return new VolumeResult.Already(volume, BackupType.INCREMENTAL, BACKUP);
    }

    private static VolumeResult failed(String volume, IOException failure) {
        return new VolumeResult.Failed(volume, BackupType.INCREMENTAL, failure);
    }

    private static IOException busy() {
        return new RunBusyException(
                new LeaseName(Run.Kind.BACKUP, "repository", "shop/data"),
                new Holder(
                        new Owner("id", "other-pod", 1),
                        7,
                        Instant.EPOCH,
                        Instant.EPOCH,
                        false,
                        false),
                Optional.of(3L));
    }

    private ExitCode ends(DefinitionOutcome outcome) {
        report.add("nightly", () -> outcome);
        return report.print(false);
    }

    @Test
    void whereAllIsWellItIsDone() {
        assertThat(ends(outcome(List.of(done("shop/data"), done("shop/more")), List.of())))
                .isEqualTo(ExitCode.DONE);
        assertThat(out).asString().contains("2 of 2 volumes backed up");
        assertThat(err).asString().isEmpty();
    }

    @Test
    void aClaimThatCannotBeBackedUpIsNamedWithItsReason() {
        Unsupported nfs = new Unsupported("shop/share", "its volume is not of a CSI driver");
        assertThat(ends(outcome(List.of(done("shop/data")), List.of(nfs))))
                .isEqualTo(ExitCode.WARNINGS);
        assertThat(err)
                .asString()
                .contains(
                        "claim shop/share cannot be backed up: its volume is not of a CSI driver");
        assertThat(lastWords.line("backup run", 3)).contains("shop/share");
    }

    @Test
    void oneOfSeveralThatAnotherRunHoldsIsLeftToIt() {
        assertThat(
                        ends(
                                outcome(
                                        List.of(failed("shop/data", busy()), done("shop/more")),
                                        List.of())))
                .isEqualTo(ExitCode.WARNINGS);
        assertThat(err).asString().contains("shop/data is left out", "other-pod");
        assertThat(out).asString().contains("1 of 2 volumes backed up");
    }

    @Test
    void theOnlyOneThatAnotherRunHoldsIsBusy() {
        assertThat(ends(outcome(List.of(failed("shop/data", busy())), List.of())))
                .isEqualTo(ExitCode.BUSY);
    }

    @Test
    void whatARepetitionMayMendCountsMore() {
        report.add(
                "broken",
                () -> {
                    throw new UsageException("no such class");
                });
        assertThat(
                        ends(
                                outcome(
                                        List.of(
                                                failed("shop/data", new IOException("disk full")),
                                                failed("shop/more", busy())),
                                        List.of())))
                .isEqualTo(ExitCode.FAILED);
        assertThat(err).asString().contains("no such class", "disk full");
    }
}
