package io.varve.cli;

import io.varve.blob.ObjectLock;
import io.varve.format.RepositoryFormat;
import io.varve.format.UnsupportedFormatException;
import io.varve.format.compress.Compression;
import io.varve.format.crypto.EncryptionAlgorithm;
import io.varve.format.hash.HashAlgorithm;
import io.varve.repository.CreateOptions;
import io.varve.repository.Repository;
import io.varve.repository.RepositoryCreator;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Creates and describes repositories. */
@Command(name = "repository", description = "Create a repository, or show what it is.")
final class RepositoryCommands {

    /** The names that kopia registers in repo/splitter/splitter.go. */
    private static final String SPLITTER =
            "(FIXED|DYNAMIC)|(FIXED-SIZE|DYNAMIC-SIZE-(BUZHASH|RABINKARP))"
                    .replace("SIZE", "(128K|256K|512K|1M|2M|4M|8M)");

    /** A century, as AWS has it. */
    private static final int MOST_DAYS = 36_500;

    private final RepositoryAccess access;
    private final Output output;

    RepositoryCommands(RepositoryAccess access, Output output) {
        this.access = access;
        this.output = output;
    }

    /** Belong together. */
    static final class LockOptions {

        @Option(
                names = "--object-lock",
                required = true,
                description =
                        "Lock what is put into the bucket, of S3: ${COMPLETION-CANDIDATES}. The bucket has to be made with object lock.")
        private ObjectLock.Mode mode = ObjectLock.Mode.GOVERNANCE;

        @Option(
                names = "--object-lock-days",
                required = true,
                description = "For so many days, from 1 to 36500.")
        private int days;

        private ObjectLock lock() {
            return new ObjectLock(mode, Duration.ofDays(days));
        }
    }

    @Command(
            description = "Create a repository in Kopia's format.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  varve repository create --repository /srv/backup",
                "  varve repository create --if-missing --compression none",
                "  varve repository create --repository s3://backups --object-lock COMPLIANCE --object-lock-days 30"
            })
    int create(
            @Option(
                            names = "--if-missing",
                            description = "A repository that is there already is fine.")
                    boolean ifMissing,
            @Option(
                            names = "--hash",
                            defaultValue = "BLAKE2B-256-128",
                            description = "Names contents (default: ${DEFAULT-VALUE}).")
                    String hash,
            @Option(
                            names = "--encryption",
                            defaultValue = "AES256-GCM-HMAC-SHA256",
                            description = "Seals contents (default: ${DEFAULT-VALUE}).")
                    String encryption,
            @Option(
                            names = "--splitter",
                            defaultValue = RepositoryFormat.DEFAULT_SPLITTER,
                            description =
                                    "How kopia cuts files that it stores here (default: ${DEFAULT-VALUE}). Volumes are always cut into blocks of 1 MiB.")
                    String splitter,
            @Option(
                            names = "--compression",
                            defaultValue = "zstd-fastest",
                            description = "Packs contents (default: ${DEFAULT-VALUE}).")
                    String compression,
            @ArgGroup(exclusive = false) @Nullable LockOptions lock)
            throws IOException {
        CreateOptions options = options(hash, encryption, splitter, compression, lock);
        RepositoryCreator.Opened opened = access.create(options, ifMissing);
        try (Repository repository = opened.repository()) {
            RepositoryReport report = RepositoryReport.of(repository, opened.created());
            if (output.json()) {
                output.document(report);
            } else {
                output.line(
                        (opened.created() ? "created repository " : "found repository ")
                                + report.uniqueId());
                output.facts(report.facts());
            }
        }
        return ExitCode.DONE.number();
    }

    private static CreateOptions options(
            String hash,
            String encryption,
            String splitter,
            String compression,
            @Nullable LockOptions lock)
            throws UsageException {
        if (lock != null && (lock.days < 1 || lock.days > MOST_DAYS)) {
            throw new UsageException(
                    "--object-lock-days is from 1 to %d, found %d".formatted(MOST_DAYS, lock.days));
        }
        if (!splitter.matches(SPLITTER)) {
            throw new UsageException(
                    "splitter '%s' is not known; kopia has FIXED-1M, DYNAMIC-4M-BUZHASH and the like"
                            .formatted(splitter));
        }
        try {
            Compression packing = Compression.named(compression);
            if (!packing.isWritable()) {
                throw new UsageException(
                        "compression '%s' can be read, but not written; use none, zstd-fastest, zstd or zstd-better-compression"
                                .formatted(compression));
            }
            return new CreateOptions(
                    HashAlgorithm.named(hash),
                    EncryptionAlgorithm.named(encryption),
                    splitter,
                    packing,
                    Optional.ofNullable(lock).map(LockOptions::lock));
        } catch (UnsupportedFormatException e) {
            throw new UsageException(Failure.describe(e), e);
        }
    }

    @Command(
            description = "Show format, sizes and counts, and how kopia connects to it.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  varve repository status",
                "  varve repository status --json --repository file:///srv/backup"
            })
    int status() throws IOException {
        try (Repository repository = access.open()) {
            RepositoryStatusReport report = RepositoryStatusReport.of(repository);
            if (output.json()) {
                output.document(report);
            } else {
                output.facts(report.facts());
            }
            report.warnings().forEach(output::warning);
            return report.warnings().isEmpty()
                    ? ExitCode.DONE.number()
                    : ExitCode.WARNINGS.number();
        }
    }
}
