package io.varve.cli;

import io.varve.blob.BlobStorage;
import io.varve.blob.StorageLocation;
import io.varve.format.compress.Compression;
import io.varve.format.crypto.EncryptionAlgorithm;
import io.varve.format.hash.HashAlgorithm;
import io.varve.mover.benchmark.PathEstimate;
import io.varve.mover.benchmark.StageBenchmark;
import io.varve.mover.benchmark.StageRate;
import io.varve.volume.BlockDevice;
import io.varve.volume.BlockDevices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures this machine's stages, and says what they add up to. */
@Command(
        name = "benchmark",
        description = {
            "Measure each stage of a backup on this machine, one thread at a time:",
            "read, find zeros, hash, compress, encrypt, write. Needs no repository."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  varve benchmark",
            "  varve benchmark --device /dev/vg0/data --folder /srv/backup"
        })
final class BenchmarkCommand implements Callable<Integer> {

    /** The least that a backup gains to be worth compressing. */
    private static final double WORTH_RATIO = 1.1;

    private final Surroundings surroundings;
    private final Output output;

    @Option(
            names = "--device",
            paramLabel = "PATH",
            description =
                    "Read this block device or image, at least 8 MiB; else a file of 256 MiB is made.")
    private Optional<Path> device = Optional.empty();

    @Option(
            names = "--folder",
            paramLabel = "PATH",
            description =
                    "Write below this folder, where backups are to lie; else below the one for temporary files. All is deleted again.")
    private Optional<Path> folder = Optional.empty();

    @Option(
            names = "--seconds",
            paramLabel = "NUMBER",
            defaultValue = "3",
            description = "For each stage, 1 to 60; ${DEFAULT-VALUE} if not given.")
    private int seconds;

    BenchmarkCommand(Surroundings surroundings, Output output) {
        this.surroundings = surroundings;
        this.output = output;
    }

    /** A line of the table. */
    record StageLine(
            String stage, String how, double mibPerSecond, double processorSecondsPerGib) {}

    /** What the stages add up to. */
    record Estimate(
            double mibPerSecondAndStream,
            double processorSecondsPerGib,
            String slowestStage,
            int percentOfTime) {}

    /** JSON of {@code benchmark}. */
    record Document(
            int processors,
            List<StageLine> stages,
            double compressionRatio,
            Estimate uncompressed,
            Estimate compressed,
            int recommendedStreams,
            String recommendedCompression) {}

    @Override
    public Integer call() throws IOException {
        if (seconds < 1 || seconds > 60) {
            throw new UsageException("--seconds is 1 to 60; found " + seconds);
        }
        try (TemporaryFolder work = TemporaryFolder.below(parent(), "varve-benchmark-")) {
            print(measured(work.path()));
        }
        return ExitCode.DONE.number();
    }

    private Path parent() throws UsageException {
        Path parent = folder.orElseGet(() -> Path.of(System.getProperty("java.io.tmpdir")));
        if (!Files.isDirectory(parent)) {
            throw new UsageException(
                    "%s is not a folder; name one with --folder".formatted(parent));
        }
        return parent;
    }

    private Document measured(Path work) throws IOException {
        StageBenchmark.Result result;
        try (BlockDevice source = source(work);
                BlobStorage storage =
                        surroundings
                                .openers()
                                .storage()
                                .create(new StorageLocation.Folder(work.resolve("packs")))) {
            result =
                    new StageBenchmark(
                                    HashAlgorithm.BLAKE2B_256_128,
                                    EncryptionAlgorithm.AES256_GCM_HMAC_SHA256,
                                    Compression.ZSTD_FASTEST,
                                    Duration.ofSeconds(seconds))
                            .run(source, storage);
        }
        int processors = Runtime.getRuntime().availableProcessors();
        boolean compress = result.ratio() >= WORTH_RATIO;
        PathEstimate taken = compress ? result.compressed() : result.uncompressed();
        return new Document(
                processors,
                result.rates().stream().map(BenchmarkCommand::line).toList(),
                rounded(result.ratio()),
                estimate(result.uncompressed()),
                estimate(result.compressed()),
                taken.streams(processors),
                compress ? "zstd-fastest" : "none");
    }

    private BlockDevice source(Path work) throws IOException {
        BlockDevice source;
        try {
            source =
                    BlockDevices.openSource(
                            device.isPresent()
                                    ? device.get()
                                    : BenchmarkSample.make(work.resolve("sample.img")));
        } catch (NoSuchFileException e) {
            throw new UsageException(Failure.describe(e), e);
        }
        if (source.size() < StageBenchmark.LEAST_BYTES) {
            source.close();
            throw new UsageException(
                    "%s has %d bytes; a benchmark needs at least %d"
                            .formatted(source.path(), source.size(), StageBenchmark.LEAST_BYTES));
        }
        return source;
    }

    private static StageLine line(StageRate rate) {
        return new StageLine(
                name(rate.stage()),
                rate.how(),
                rounded(rate.mibPerSecond()),
                rounded(rate.processorSecondsPerGib()));
    }

    private static Estimate estimate(PathEstimate path) {
        return new Estimate(
                rounded(path.mibPerSecond()),
                rounded(path.processorSecondsPerGib()),
                name(path.slowest()),
                (int) Math.round(100 * path.share()));
    }

    private static String name(Enum<?> stage) {
        return stage.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static double rounded(double value) {
        return Math.round(value * 100) / 100.0;
    }

    private void print(Document document) {
        if (output.json()) {
            output.document(document);
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        for (StageLine line : document.stages()) {
            rows.add(
                    List.of(
                            line.stage(),
                            String.format(Locale.ROOT, "%.0f", line.mibPerSecond()),
                            String.format(Locale.ROOT, "%.2f", line.processorSecondsPerGib()),
                            line.how()));
        }
        output.table(List.of("STAGE", "MIB/S", "CPU S/GIB", "HOW"), rows);
        output.line("");
        output.line("uncompressed: " + text(document.uncompressed()));
        output.line(
                String.format(
                        Locale.ROOT,
                        "compressed to %.0f %%: %s",
                        100 / document.compressionRatio(),
                        text(document.compressed())));
        output.line(
                "recommended on %d processors: VARVE_STREAMS=%d, repository create --compression %s"
                        .formatted(
                                document.processors(),
                                document.recommendedStreams(),
                                document.recommendedCompression()));
    }

    private static String text(Estimate estimate) {
        return String.format(
                Locale.ROOT,
                "%.0f MiB/s a stream, %.2f s of a processor a GiB; slowest: %s, %d %% of the time",
                estimate.mibPerSecondAndStream(),
                estimate.processorSecondsPerGib(),
                estimate.slowestStage(),
                estimate.percentOfTime());
    }
}
