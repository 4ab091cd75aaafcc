package io.varve.blob;

import static io.varve.blob.LocationUri.APPEND_ONLY;
import static io.varve.blob.LocationUri.ENDPOINT;
import static io.varve.blob.LocationUri.PREFIX;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The text of a bucket of Google Cloud Storage: {@code gs://bucket/folder?name=value&…}. */
final class GoogleUri {

    private static final String STORAGE_CLASS = "storage-class";

    private static final LocationUri.Scheme SCHEME =
            new LocationUri.Scheme(
                    "gs",
                    "bucket",
                    Pattern.compile("[a-z0-9][a-z0-9._-]+[a-z0-9]"),
                    "GOOGLE_APPLICATION_CREDENTIALS",
                    new TreeSet<>(List.of(ENDPOINT, PREFIX, STORAGE_CLASS, APPEND_ONLY)),
                    "gs://bucket/folder?storage-class=name");

    private GoogleUri() {}

    static StorageLocation.GoogleBucket parse(String text) {
        LocationUri uri = LocationUri.parse(SCHEME, text);
        return new StorageLocation.GoogleBucket(
                uri.name(),
                uri.prefix(),
                uri.endpoint(),
                uri.option(STORAGE_CLASS),
                uri.appendOnly());
    }

    static String format(StorageLocation.GoogleBucket bucket) {
        Map<String, String> options = new LinkedHashMap<>();
        bucket.endpoint().ifPresent(server -> options.put(ENDPOINT, server.toString()));
        bucket.storageClass().ifPresent(name -> options.put(STORAGE_CLASS, name));
        return LocationUri.format(SCHEME.scheme(), bucket, options);
    }
}
