package io.varve.blob;

import static io.varve.blob.LocationUri.APPEND_ONLY;
import static io.varve.blob.LocationUri.ENDPOINT;
import static io.varve.blob.LocationUri.PREFIX;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The text of a bucket of S3: {@code s3://bucket/folder?name=value&…}. */
final class BucketUri {

    private static final String REGION = "region";
    private static final String PATH_STYLE = "path-style";
    private static final String STORAGE_CLASS = "storage-class";
    private static final String ENCRYPTION = "sse";
    private static final String KMS_KEY = "kms-key";
    private static final String CERTIFICATES = "ca";
    private static final String TIMEOUT = "timeout";

    private static final LocationUri.Scheme SCHEME =
            new LocationUri.Scheme(
                    "s3",
                    "bucket",
                    Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]+"),
                    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
                    new TreeSet<>(
                            List.of(
                                    ENDPOINT,
                                    REGION,
                                    PATH_STYLE,
                                    PREFIX,
                                    STORAGE_CLASS,
                                    ENCRYPTION,
                                    KMS_KEY,
                                    CERTIFICATES,
                                    APPEND_ONLY,
                                    TIMEOUT)),
                    "s3://bucket/folder?endpoint=https://host&region=name");

    private BucketUri() {}

    static StorageLocation.Bucket parse(String text) {
        LocationUri uri = LocationUri.parse(SCHEME, text);
        if (uri.name().endsWith("--x-s3")) {
            throw SCHEME.wrong("is a directory bucket, which lists in no order; use another one");
        }
        Optional<URI> endpoint = uri.endpoint();
        return new StorageLocation.Bucket(
                uri.name(),
                uri.prefix(),
                endpoint,
                uri.option(REGION),
                uri.flag(PATH_STYLE).orElse(endpoint.isPresent()),
                uri.option(STORAGE_CLASS),
                uri.option(ENCRYPTION),
                uri.option(KMS_KEY),
                uri.file(CERTIFICATES),
                uri.appendOnly(),
                uri.time(TIMEOUT));
    }

    static String format(StorageLocation.Bucket bucket) {
        Map<String, String> options = new LinkedHashMap<>();
        bucket.endpoint().ifPresent(server -> options.put(ENDPOINT, server.toString()));
        bucket.region().ifPresent(region -> options.put(REGION, region));
        if (bucket.pathStyle() != bucket.endpoint().isPresent()) {
            options.put(PATH_STYLE, Boolean.toString(bucket.pathStyle()));
        }
        bucket.storageClass().ifPresent(name -> options.put(STORAGE_CLASS, name));
        bucket.encryption().ifPresent(name -> options.put(ENCRYPTION, name));
        bucket.kmsKey().ifPresent(key -> options.put(KMS_KEY, key));
        bucket.certificates().ifPresent(file -> options.put(CERTIFICATES, file.toString()));
        bucket.timeout().ifPresent(time -> options.put(TIMEOUT, time.toSeconds() + "s"));
        return LocationUri.format(SCHEME.scheme(), bucket, options);
    }
}
