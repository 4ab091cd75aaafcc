package io.varve.blob;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Where a storage lies, as a user writes it. Its text form holds no secret and parses again. */
public sealed interface StorageLocation {

    /** A folder of this machine. The path is absolute. */
    record Folder(Path path) implements StorageLocation {
        public Folder {
            path = path.toAbsolutePath().normalize();
        }

        /** As a URI without trailing slash, such as {@code file:///srv/repo}. */
        @Override
        public String toString() {
            // Path.toUri() adds a slash if there is a folder now; the text must not depend on that.
            String uri = path.toUri().toString();
            boolean slash = uri.endsWith("/") && path.getNameCount() > 0;
            return slash ? uri.substring(0, uri.length() - 1) : uri;
        }
    }

    /** Objects of a store that is reached over a network. Credentials are no part of it. */
    sealed interface ObjectStore extends StorageLocation {

        /** The bucket's or the container's. */
        String name();

        /** Of all keys, such as {@code backup/}; may be empty. */
        String prefix();

        /** Of a server; empty for the service's own. */
        Optional<URI> endpoint();

        /** Whether its credentials may put only what is not there, and delete nothing. */
        boolean appendOnly();

        /** The server, for people. */
        String server();
    }

    /**
     * Objects of a bucket, of S3 or of what speaks its protocol.
     *
     * @param prefix of all keys, such as {@code backup/}; may be empty
     * @param endpoint of the server; empty for AWS
     * @param region empty for what the AWS SDK finds
     * @param pathStyle whether the bucket stands in the path of a URL, not in its host
     * @param storageClass of new objects; empty for the bucket's own
     * @param encryption of new objects at the server, such as {@code aws:kms}
     * @param kmsKey for {@code aws:kms}
     * @param certificates file with those of the authorities that are trusted, in PEM
     * @param appendOnly whether its credentials may put only what is not there, and delete nothing
     * @param timeout how long its server may be silent, 1 s to 1 h; empty for the usual time
     */
    record Bucket(
            String bucket,
            String prefix,
            Optional<URI> endpoint,
            Optional<String> region,
            boolean pathStyle,
            Optional<String> storageClass,
            Optional<String> encryption,
            Optional<String> kmsKey,
            Optional<Path> certificates,
            boolean appendOnly,
            Optional<Duration> timeout)
            implements ObjectStore {

        @Override
        public String name() {
            return bucket;
        }

        /** The same place, without what says how patiently it is asked. */
        public Bucket withoutTimeout() {
            return new Bucket(
                    bucket,
                    prefix,
                    endpoint,
                    region,
                    pathStyle,
                    storageClass,
                    encryption,
                    kmsKey,
                    certificates,
                    appendOnly,
                    Optional.empty());
        }

        @Override
        public String server() {
            return endpoint.map(URI::toString).orElse("AWS");
        }

        /** As {@link StorageLocation#parse} reads it. */
        @Override
        public String toString() {
            return BucketUri.format(this);
        }
    }

    /**
     * Objects of a bucket of Google Cloud Storage.
     *
     * @param endpoint of another server that speaks its JSON protocol; without TLS it gets no
     *     credentials
     * @param storageClass of new objects; empty for the bucket's own
     */
    record GoogleBucket(
            String name,
            String prefix,
            Optional<URI> endpoint,
            Optional<String> storageClass,
            boolean appendOnly)
            implements ObjectStore {

        @Override
        public String server() {
            return endpoint.map(URI::toString).orElse("Google Cloud Storage");
        }

        /** As {@link StorageLocation#parse} reads it. */
        @Override
        public String toString() {
            return GoogleUri.format(this);
        }
    }

    /**
     * Blobs of a container of Azure Blob Storage.
     *
     * @param account that the container belongs to
     * @param endpoint of the account where it is not {@code https://ACCOUNT.blob.core.windows.net};
     *     if its host is an address, or {@code localhost}, the account stands in the path
     * @param tier of new blobs, such as {@code Cool}; empty for the account's own
     */
    record AzureContainer(
            String name,
            String prefix,
            String account,
            Optional<URI> endpoint,
            Optional<String> tier,
            boolean appendOnly)
            implements ObjectStore {

        @Override
        public String server() {
            return endpoint.map(URI::toString)
                    .orElse("https://%s.blob.core.windows.net".formatted(account));
        }

        /** As {@link StorageLocation#parse} reads it. */
        @Override
        public String toString() {
            return AzureUri.format(this);
        }
    }

    /** A location of a kind that this version does not read. */
    final class Unsupported extends IllegalArgumentException {
        private Unsupported(String message) {
            super(message);
        }
    }

    /**
     * Reads {@code file:///path}, a plain path, which may be relative to the working directory, or
     * {@code s3://bucket/folder?endpoint=…&region=…}, {@code gs://bucket/folder?…} or {@code
     * azure://container/folder?account=…}.
     *
     * @throws Unsupported if the scheme is another one
     * @throws IllegalArgumentException if the text is not a location
     */
    static StorageLocation parse(String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("repository location is empty");
        }
        String scheme = scheme(text);
        return switch (scheme) {
            case "" -> plain(text);
            case "file" -> file(text);
            // The rest of the text is not repeated: it may hold credentials.
            case "s3" -> BucketUri.parse(text);
            case "gs" -> GoogleUri.parse(text);
            case "azure" -> AzureUri.parse(text);
            default ->
                    throw new Unsupported(
                            "repository location %s://…: unknown scheme; use file:///path, s3://bucket/folder, gs://bucket/folder or azure://container/folder"
                                    .formatted(scheme));
        };
    }

    /** Whether a text, which need not be right, names an object store. */
    static boolean isObjectStore(String text) {
        return Set.of("s3", "gs", "azure").contains(scheme(text));
    }

    /** In lower case; empty for a plain path. */
    private static String scheme(String text) {
        if (text.startsWith("file:")) {
            return "file";
        }
        int end = text.indexOf(":/");
        boolean scheme = end > 0 && text.substring(0, end).matches("[A-Za-z][A-Za-z0-9+.-]*");
        return scheme ? text.substring(0, end).toLowerCase(Locale.ROOT) : "";
    }

    private static Folder plain(String text) {
        try {
            return new Folder(Path.of(text));
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(
                    "repository location '%s' is not a path".formatted(text), e);
        }
    }

    private static Folder file(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(
                    "repository location '%s' is not a URI: %s; or give the plain path"
                            .formatted(text, e.getReason()),
                    e);
        }
        boolean local = uri.getRawAuthority() == null && uri.getRawPath() != null;
        if (!local || uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw new IllegalArgumentException(
                    "repository location '%s' is not of the form file:///path".formatted(text));
        }
        return plain(uri.getPath());
    }
}
