package io.varve.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where jobs keep their state.
 *
 * @param url of JDBC
 * @param leaseValidity how long the lease of a volume holds after its last renewal; whole seconds
 */
public record DatabaseSettings(
        String url, Optional<String> user, Optional<String> password, Duration leaseValidity) {

    /** A paused or unreachable process loses its volume after so long. */
    private static final int LEASE_SECONDS = 20;

    private static final int LONGEST_LEASE_SECONDS = 3600;

    private static final Pattern SECRET =
            Pattern.compile("[?&;]password=|//[^/]*:[^/]*@", Pattern.CASE_INSENSITIVE);

    /** The embedded database of one machine. The cache is in KiB. */
    static DatabaseSettings embedded(Path home, Duration leaseValidity) {
        return new DatabaseSettings(
                "jdbc:h2:file:%s;CACHE_SIZE=16384".formatted(home.resolve("varve")),
                Optional.empty(),
                Optional.empty(),
                leaseValidity);
    }

    static DatabaseSettings of(Settings settings, Optional<String> flag) throws UsageException {
        if (flag.filter(url -> SECRET.matcher(url).find()).isPresent()) {
            throw new UsageException(
                    "--database holds a password, which others see in the list of processes; use VARVE_DATABASE_PASSWORD");
        }
        Duration lease =
                Duration.ofSeconds(
                        settings.positive(
                                Setting.LEASE_SECONDS, LEASE_SECONDS, LONGEST_LEASE_SECONDS));
        Optional<String> url = flag.or(() -> settings.find(Setting.DATABASE_URL));
        if (url.isEmpty()) {
            return embedded(settings.home(), lease);
        }
        return new DatabaseSettings(
                url.get(),
                settings.find(Setting.DATABASE_USER),
                settings.find(Setting.DATABASE_PASSWORD),
                lease);
    }

    /** Without user and password. */
    @Override
    public String toString() {
        return url;
    }
}
