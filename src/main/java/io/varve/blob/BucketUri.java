package io.varve.blob;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The text of a bucket: {@code s3://bucket/folder?name=value&…}. What stands after the bucket is a
 * folder, and ends with a slash whether it is written or not; {@code prefix=} gives a prefix as it
 * is, for repositories that kopia has made with another one.
 */
final class BucketUri {

    private static final String SCHEME = "s3";
    private static final String ENDPOINT = "endpoint";
    private static final String REGION = "region";
    private static final String PATH_STYLE = "path-style";
    private static final String PREFIX = "prefix";
    private static final String STORAGE_CLASS = "storage-class";
    private static final String ENCRYPTION = "sse";
    private static final String KMS_KEY = "kms-key";
    private static final String CERTIFICATES = "ca";
    private static final String APPEND_ONLY = "append-only";
    private static final String TIMEOUT = "timeout";

    private static final Pattern TIME = Pattern.compile("([0-9]{1,4})([sm])");
    private static final Duration LONGEST = Duration.ofHours(1);

    private static final Set<String> NAMES =
            new TreeSet<>(
                    Set.of(
                            ENDPOINT,
                            REGION,
                            PATH_STYLE,
                            PREFIX,
                            STORAGE_CLASS,
                            ENCRYPTION,
                            KMS_KEY,
                            CERTIFICATES,
                            APPEND_ONLY,
                            TIMEOUT));

    private static final String FORM = "s3://bucket/folder?endpoint=https://host&region=name";

    private BucketUri() {}

    static StorageLocation.Bucket parse(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw wrong("is not a URI: " + e.getReason());
        }
        if (uri.getRawFragment() != null) {
            throw wrong("holds a '#'; write it as %23");
        }
        String bucket = uri.getRawAuthority();
        if (bucket != null && bucket.contains("@")) {
            throw wrong(
                    "holds credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY instead");
        }
        if (bucket == null || !bucket.matches("[A-Za-z0-9][A-Za-z0-9._-]+")) {
            throw wrong("has no bucket");
        }
        if (bucket.endsWith("--x-s3")) {
            throw wrong("is a directory bucket, which lists in no order; use another one");
        }
        Map<String, String> options = options(uri.getRawQuery());
        Optional<URI> endpoint = Optional.ofNullable(options.get(ENDPOINT)).map(BucketUri::server);
        return new StorageLocation.Bucket(
                bucket,
                prefix(uri.getPath(), options),
                endpoint,
                Optional.ofNullable(options.get(REGION)),
                Optional.ofNullable(options.get(PATH_STYLE))
                        .map(value -> yes(PATH_STYLE, value))
                        .orElse(endpoint.isPresent()),
                Optional.ofNullable(options.get(STORAGE_CLASS)),
                Optional.ofNullable(options.get(ENCRYPTION)),
                Optional.ofNullable(options.get(KMS_KEY)),
                Optional.ofNullable(options.get(CERTIFICATES)).map(BucketUri::file),
                yes(APPEND_ONLY, options.getOrDefault(APPEND_ONLY, "false")),
                Optional.ofNullable(options.get(TIMEOUT)).map(BucketUri::time));
    }

    static String format(StorageLocation.Bucket bucket) {
        Map<String, String> options = new LinkedHashMap<>();
        boolean folder = bucket.prefix().isEmpty() || isFolder(bucket.prefix());
        if (!folder) {
            options.put(PREFIX, bucket.prefix());
        }
        bucket.endpoint().ifPresent(server -> options.put(ENDPOINT, server.toString()));
        bucket.region().ifPresent(region -> options.put(REGION, region));
        if (bucket.pathStyle() != bucket.endpoint().isPresent()) {
            options.put(PATH_STYLE, Boolean.toString(bucket.pathStyle()));
        }
        bucket.storageClass().ifPresent(name -> options.put(STORAGE_CLASS, name));
        bucket.encryption().ifPresent(name -> options.put(ENCRYPTION, name));
        bucket.kmsKey().ifPresent(key -> options.put(KMS_KEY, key));
        bucket.certificates().ifPresent(file -> options.put(CERTIFICATES, file.toString()));
        if (bucket.appendOnly()) {
            options.put(APPEND_ONLY, "true");
        }
        bucket.timeout().ifPresent(time -> options.put(TIMEOUT, time.toSeconds() + "s"));
        String path = folder ? bucket.prefix().replaceFirst("/$", "") : "";
        return "%s://%s%s%s"
                .formatted(
                        SCHEME,
                        bucket.bucket(),
                        path.isEmpty() ? "" : "/" + encoded(path),
                        query(options));
    }

    private static String query(Map<String, String> options) {
        return options.isEmpty()
                ? ""
                : options.entrySet().stream()
                        .map(option -> option.getKey() + "=" + encoded(option.getValue()))
                        .collect(Collectors.joining("&", "?", ""));
    }

    /** Of a path or a query, whose slashes and colons stay readable. */
    private static String encoded(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%3A", ":")
                .replace("%2F", "/");
    }

    private static boolean isFolder(String prefix) {
        return prefix.endsWith("/") && !prefix.startsWith("/") && !prefix.contains("//");
    }

    private static String prefix(String path, Map<String, String> options) {
        String folder = path == null ? "" : path.replaceFirst("^/+", "").replaceFirst("/+$", "");
        String given = options.get(PREFIX);
        if (given != null && !folder.isEmpty()) {
            throw wrong("has a folder and a prefix");
        }
        if (given != null) {
            return given;
        }
        return folder.isEmpty() ? "" : folder + "/";
    }

    private static Map<String, String> options(String query) {
        Map<String, String> options = new LinkedHashMap<>();
        if (query == null || query.isEmpty()) {
            return options;
        }
        for (String part : query.split("&")) {
            int equals = part.indexOf('=');
            String name = equals < 0 ? part : part.substring(0, equals);
            if (!NAMES.contains(name)) {
                throw wrong("has an unknown option; known are " + String.join(", ", NAMES));
            }
            String value =
                    URLDecoder.decode(
                            // It would become a space, as in forms.
                            equals < 0 ? "" : part.substring(equals + 1).replace("+", "%2B"),
                            StandardCharsets.UTF_8);
            if (value.isEmpty() || options.put(name, value) != null) {
                throw wrong("has option '%s' twice or without a value".formatted(name));
            }
        }
        return options;
    }

    /** As kopia takes it, {@code host:port} means TLS. */
    private static URI server(String text) {
        URI server;
        try {
            server = new URI(text.contains("://") ? text : "https://" + text);
        } catch (URISyntaxException e) {
            throw wrong("has an endpoint that is not a URI: " + e.getReason());
        }
        boolean http = "http".equals(server.getScheme()) || "https".equals(server.getScheme());
        boolean more =
                server.getRawUserInfo() != null
                        || server.getRawQuery() != null
                        || server.getRawFragment() != null
                        || server.getRawPath().length() > 1;
        if (!http || server.getHost() == null || more) {
            throw wrong("has an endpoint that is not http://host:port or https://host:port");
        }
        return server;
    }

    private static boolean yes(String name, String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw wrong("has %s that is neither true nor false".formatted(name));
        };
    }

    private static Duration time(String text) {
        Matcher form = TIME.matcher(text);
        if (form.matches()) {
            long count = Long.parseLong(form.group(1));
            Duration time =
                    form.group(2).equals("m")
                            ? Duration.ofMinutes(count)
                            : Duration.ofSeconds(count);
            if (time.isPositive() && time.compareTo(LONGEST) <= 0) {
                return time;
            }
        }
        throw wrong("has a timeout that is not 1s to 60m, such as 90s or 2m");
    }

    private static Path file(String text) {
        try {
            return Path.of(text).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw wrong("has a file of certificates that is no path");
        }
    }

    /** The text itself is not repeated: it may hold credentials. */
    private static IllegalArgumentException wrong(String problem) {
        return new IllegalArgumentException(
                "repository location s3://… %s; it is of the form %s".formatted(problem, FORM));
    }
}
