package io.varve.blob;

import static io.varve.blob.LocationUri.APPEND_ONLY;
import static io.varve.blob.LocationUri.ENDPOINT;
import static io.varve.blob.LocationUri.PREFIX;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The text of a container of Azure: {@code azure://container/folder?account=name&…}. */
final class AzureUri {

    private static final String ACCOUNT = "account";
    private static final String TIER = "tier";
    private static final Pattern ACCOUNTS = Pattern.compile("[a-z0-9]{3,24}");

    private static final LocationUri.Scheme SCHEME =
            new LocationUri.Scheme(
                    "azure",
                    "container",
                    Pattern.compile("[a-z0-9][a-z0-9-]{1,61}[a-z0-9]"),
                    "AZURE_STORAGE_KEY",
                    new TreeSet<>(List.of(ACCOUNT, ENDPOINT, PREFIX, TIER, APPEND_ONLY)),
                    "azure://container/folder?account=name");

    private AzureUri() {}

    static StorageLocation.AzureContainer parse(String text) {
        LocationUri uri = LocationUri.parse(SCHEME, text);
        Optional<String> tier = uri.option(TIER);
        if (tier.filter(name -> name.toLowerCase(Locale.ROOT).equals("archive")).isPresent()) {
            throw SCHEME.wrong("has a tier whose blobs are not read for hours; use another one");
        }
        return new StorageLocation.AzureContainer(
                uri.name(),
                uri.prefix(),
                uri.option(ACCOUNT)
                        .filter(name -> ACCOUNTS.matcher(name).matches())
                        .orElseThrow(() -> SCHEME.wrong("has no account")),
                uri.endpoint(),
                tier,
                uri.appendOnly());
    }

    static String format(StorageLocation.AzureContainer container) {
        Map<String, String> options = new LinkedHashMap<>();
        options.put(ACCOUNT, container.account());
        container.endpoint().ifPresent(server -> options.put(ENDPOINT, server.toString()));
        container.tier().ifPresent(name -> options.put(TIER, name));
        return LocationUri.format(SCHEME.scheme(), container, options);
    }
}
