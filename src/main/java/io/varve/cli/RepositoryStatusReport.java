package io.varve.cli;

import io.varve.blob.BlobMetadata;
import io.varve.blob.StorageLocation;
import io.varve.cli.Output.Fact;
import io.varve.repository.Backup;
import io.varve.repository.BackupListing;
import io.varve.repository.Repository;
import io.varve.repository.content.DamageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a repository is and holds: JSON of {@code repository status}.
 *
 * @param kopiaConnect the command by which {@code kopia} works on it under our backups' name
 */
record RepositoryStatusReport(
        String uniqueId,
        String location,
        RepositoryReport.Format format,
        Counts counts,
        String kopiaConnect,
        List<String> warnings) {

    /**
     * How much there is.
     *
     * @param backups all of them, file trees included
     * @param contents that are not deleted, or are and not yet removed
     * @param packBytes in blobs that hold contents
     * @param blobBytes in all blobs
     */
    record Counts(
            int backups,
            int blockBackups,
            long contents,
            long packs,
            long packBytes,
            long blobs,
            long blobBytes) {}

    static RepositoryStatusReport of(Repository repository) throws IOException {
        BackupListing listing = repository.backups().listing();
        List<Backup> backups = listing.backups();
        Blobs blobs = new Blobs();
        repository.storage().list("", blobs::add);
        Counts counts =
                new Counts(
                        backups.size(),
                        (int) backups.stream().filter(Backup::isBlock).count(),
                        repository.index().entryCount(),
                        blobs.packs.get(),
                        blobs.packBytes.get(),
                        blobs.all.get(),
                        blobs.allBytes.get());
        return new RepositoryStatusReport(
                repository.id(),
                repository.location(),
                RepositoryReport.Format.of(repository),
                counts,
                kopiaConnect(repository.location()),
                warnings(repository, listing));
    }

    private static List<String> warnings(Repository repository, BackupListing listing) {
        List<String> warnings = new ArrayList<>(repository.format().warnings());
        for (BackupListing.Unreadable bad : listing.unreadable()) {
            warnings.add(
                    "backup %s is not counted: %s".formatted(bad.id(), bad.damage().getMessage()));
        }
        for (DamageException damage : listing.damaged()) {
            warnings.add(
                    "backups whose manifests lay in a damaged content are not counted: "
                            + damage.getMessage());
        }
        return warnings;
    }

    /** Sums over a listing of the storage. */
    private static final class Blobs {
        private final AtomicLong packs = new AtomicLong();
        private final AtomicLong packBytes = new AtomicLong();
        private final AtomicLong all = new AtomicLong();
        private final AtomicLong allBytes = new AtomicLong();

        void add(BlobMetadata blob) {
            all.incrementAndGet();
            allBytes.addAndGet(blob.length());
            String id = blob.id().value();
            if (id.startsWith("p") || id.startsWith("q")) {
                packs.incrementAndGet();
                packBytes.addAndGet(blob.length());
            }
        }
    }

    private static String kopiaConnect(String location) {
        return switch (StorageLocation.parse(location)) {
            case StorageLocation.Folder(var path) ->
                    "kopia repository connect filesystem --path %s --override-username varve --override-hostname varve"
                            .formatted(quoted(path.toString()));
            case StorageLocation.Bucket bucket -> kopiaConnect(bucket);
            case StorageLocation.GoogleBucket bucket -> kopiaConnect(bucket);
            case StorageLocation.AzureContainer container -> kopiaConnect(container);
        };
    }

    /** Credentials as for Varve: kopia too takes them from AWS_ACCESS_KEY_ID and its like. */
    private static String kopiaConnect(StorageLocation.Bucket bucket) {
        StringBuilder line =
                new StringBuilder("kopia repository connect s3 --bucket ")
                        .append(quoted(bucket.bucket()));
        if (!bucket.prefix().isEmpty()) {
            line.append(" --prefix ").append(quoted(bucket.prefix()));
        }
        bucket.endpoint()
                .ifPresent(
                        server -> {
                            line.append(" --endpoint ").append(quoted(server.getRawAuthority()));
                            if ("http".equals(server.getScheme())) {
                                line.append(" --disable-tls");
                            }
                        });
        bucket.region().ifPresent(region -> line.append(" --region ").append(quoted(region)));
        bucket.certificates()
                .ifPresent(
                        file ->
                                line.append(" --root-ca-pem-path ")
                                        .append(quoted(file.toString())));
        return line.append(" --override-username varve --override-hostname varve").toString();
    }

    /**
     * Credentials as for Varve: kopia too takes them from GOOGLE_APPLICATION_CREDENTIALS. Another
     * server it knows only as one that wants none.
     */
    private static String kopiaConnect(StorageLocation.GoogleBucket bucket) {
        StringBuilder line = new StringBuilder();
        bucket.endpoint()
                .filter(server -> "http".equals(server.getScheme()))
                .ifPresent(
                        server ->
                                line.append("STORAGE_EMULATOR_HOST=")
                                        .append(quoted(server.toString()))
                                        .append(' '));
        line.append("kopia repository connect gcs --bucket ").append(quoted(bucket.name()));
        if (!bucket.prefix().isEmpty()) {
            line.append(" --prefix ").append(quoted(bucket.prefix()));
        }
        return line.append(" --override-username varve --override-hostname varve").toString();
    }

    /**
     * Credentials as for Varve, but for a machine's identity: kopia too takes them from
     * AZURE_STORAGE_KEY and its like. A server's name it makes of the account and a domain.
     */
    private static String kopiaConnect(StorageLocation.AzureContainer container) {
        StringBuilder line =
                new StringBuilder("kopia repository connect azure --container ")
                        .append(quoted(container.name()))
                        .append(" --storage-account ")
                        .append(quoted(container.account()));
        container
                .endpoint()
                .map(server -> server.getRawAuthority())
                .filter(server -> server.startsWith(container.account() + "."))
                .map(server -> server.substring(container.account().length() + 1))
                .ifPresent(domain -> line.append(" --storage-domain ").append(quoted(domain)));
        if (!container.prefix().isEmpty()) {
            line.append(" --prefix ").append(quoted(container.prefix()));
        }
        return line.append(" --override-username varve --override-hostname varve").toString();
    }

    /** As a shell takes it for one word. */
    private static String quoted(String word) {
        return word.matches("[A-Za-z0-9_./:=@%+,-]+")
                ? word
                : "'" + word.replace("'", "'\\''") + "'";
    }

    List<Fact> facts() {
        List<Fact> facts = new ArrayList<>();
        facts.add(new Fact("repository", uniqueId));
        facts.add(new Fact("location", location));
        facts.addAll(format.facts());
        facts.add(
                new Fact(
                        "backups",
                        "%d, of volumes %d".formatted(counts.backups, counts.blockBackups)));
        facts.add(new Fact("contents", Long.toString(counts.contents)));
        facts.add(
                new Fact(
                        "packs",
                        "%d, %s".formatted(counts.packs, Figures.bytes(counts.packBytes))));
        facts.add(
                new Fact(
                        "blobs",
                        "%d, %s".formatted(counts.blobs, Figures.bytes(counts.blobBytes))));
        facts.add(new Fact("kopia", kopiaConnect));
        return facts;
    }
}
