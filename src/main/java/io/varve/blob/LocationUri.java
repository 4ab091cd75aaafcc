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
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The text of a place in an object store: {@code scheme://name/folder?option=value&…}. What stands
 * after the name is a folder, and ends with a slash whether it is written or not; {@code prefix=}
 * gives a prefix as it is, for repositories that kopia has made with another one.
 */
final class LocationUri {

    static final String ENDPOINT = "endpoint";
    static final String PREFIX = "prefix";
    static final String APPEND_ONLY = "append-only";

    private static final Pattern TIME = Pattern.compile("([0-9]{1,4})([sm])");
    private static final Duration LONGEST = Duration.ofHours(1);

    private final Scheme scheme;
    private final String name;
    private final String prefix;
    private final Map<String, String> options;

    private LocationUri(Scheme scheme, String name, String prefix, Map<String, String> options) {
        this.scheme = scheme;
        this.name = name;
        this.prefix = prefix;
        this.options = options;
    }

    /**
     * What is written in its texts.
     *
     * @param holder what the name is one of, such as a bucket
     * @param names that there can be
     * @param keys variables of credentials, for who writes them here
     * @param options by name, in any order; {@link #PREFIX} is one of all schemes
     * @param form for who mistypes
     */
    record Scheme(
            String scheme,
            String holder,
            Pattern names,
            String keys,
            TreeSet<String> options,
            String form) {

        /** The text itself is not repeated: it may hold credentials. */
        IllegalArgumentException wrong(String problem) {
            return new IllegalArgumentException(
                    "repository location %s://… %s; it is of the form %s"
                            .formatted(scheme, problem, form));
        }
    }

    static LocationUri parse(Scheme scheme, String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            throw scheme.wrong("is not a URI: " + e.getReason());
        }
        if (uri.getRawFragment() != null) {
            throw scheme.wrong("holds a '#'; write it as %23");
        }
        String name = uri.getRawAuthority();
        if (name != null && name.contains("@")) {
            throw scheme.wrong("holds credentials; set %s instead".formatted(scheme.keys()));
        }
        if (name == null || !scheme.names().matcher(name).matches()) {
            throw scheme.wrong("has no " + scheme.holder());
        }
        Map<String, String> options = options(scheme, uri.getRawQuery());
        return new LocationUri(scheme, name, prefix(scheme, uri.getPath(), options), options);
    }

    /** Of the bucket or container. */
    String name() {
        return name;
    }

    /** Of all keys. */
    String prefix() {
        return prefix;
    }

    Optional<String> option(String option) {
        return Optional.ofNullable(options.get(option));
    }

    /** Whether an option is on; empty if it is not given. */
    Optional<Boolean> flag(String option) {
        return option(option)
                .map(
                        text ->
                                switch (text) {
                                    case "true" -> true;
                                    case "false" -> false;
                                    default ->
                                            throw scheme.wrong(
                                                    "has %s that is neither true nor false"
                                                            .formatted(option));
                                });
    }

    boolean appendOnly() {
        return flag(APPEND_ONLY).orElse(false);
    }

    /** 1 s to 1 h. */
    Optional<Duration> time(String option) {
        return option(option).map(text -> time(option, text));
    }

    private Duration time(String option, String text) {
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
        throw scheme.wrong("has a %s that is not 1s to 60m, such as 90s or 2m".formatted(option));
    }

    Optional<Path> file(String option) {
        try {
            return option(option).map(text -> Path.of(text).toAbsolutePath().normalize());
        } catch (InvalidPathException e) {
            throw scheme.wrong("has a file of certificates that is no path");
        }
    }

    /** As kopia takes it, {@code host:port} means TLS. */
    Optional<URI> endpoint() {
        return option(ENDPOINT).map(this::server);
    }

    private URI server(String text) {
        URI server;
        try {
            server = new URI(text.contains("://") ? text : "https://" + text);
        } catch (URISyntaxException e) {
            throw scheme.wrong("has an endpoint that is not a URI: " + e.getReason());
        }
        boolean http = "http".equals(server.getScheme()) || "https".equals(server.getScheme());
        boolean more =
                server.getRawUserInfo() != null
                        || server.getRawQuery() != null
                        || server.getRawFragment() != null
                        || server.getRawPath().length() > 1;
        if (!http || server.getHost() == null || more) {
            throw scheme.wrong("has an endpoint that is not http://host:port or https://host:port");
        }
        return server;
    }

    /** The text of a location, without {@link #PREFIX}, which is added where there is no folder. */
    static String format(
            String scheme, StorageLocation.ObjectStore place, Map<String, String> options) {
        Map<String, String> all = new LinkedHashMap<>();
        boolean folder = place.prefix().isEmpty() || isFolder(place.prefix());
        if (!folder) {
            all.put(PREFIX, place.prefix());
        }
        all.putAll(options);
        if (place.appendOnly()) {
            all.put(APPEND_ONLY, "true");
        }
        String path = folder ? place.prefix().replaceFirst("/$", "") : "";
        return "%s://%s%s%s"
                .formatted(
                        scheme,
                        place.name(),
                        path.isEmpty() ? "" : "/" + encoded(path),
                        query(all));
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

    private static String prefix(Scheme scheme, String path, Map<String, String> options) {
        String folder = path == null ? "" : path.replaceFirst("^/+", "").replaceFirst("/+$", "");
        String given = options.get(PREFIX);
        if (given != null && !folder.isEmpty()) {
            throw scheme.wrong("has a folder and a prefix");
        }
        if (given != null) {
            return given;
        }
        return folder.isEmpty() ? "" : folder + "/";
    }

    private static Map<String, String> options(Scheme scheme, String query) {
        Map<String, String> options = new LinkedHashMap<>();
        if (query == null || query.isEmpty()) {
            return options;
        }
        for (String part : query.split("&")) {
            int equals = part.indexOf('=');
            String name = equals < 0 ? part : part.substring(0, equals);
            if (!scheme.options().contains(name)) {
                throw scheme.wrong(
                        "has an unknown option; known are " + String.join(", ", scheme.options()));
            }
            String value =
                    URLDecoder.decode(
                            // It would become a space, as in forms.
                            equals < 0 ? "" : part.substring(equals + 1).replace("+", "%2B"),
                            StandardCharsets.UTF_8);
            if (value.isEmpty() || options.put(name, value) != null) {
                throw scheme.wrong("has option '%s' twice or without a value".formatted(name));
            }
        }
        return options;
    }
}
