package io.varve.cli;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where jobs keep their state.
 *
 * @param url of JDBC
 */
public record DatabaseSettings(String url, Optional<String> user, Optional<String> password) {

    /** The embedded database of one machine. The cache is in KiB. */
    static DatabaseSettings embedded(Path home) {
        return new DatabaseSettings(
                "jdbc:h2:file:%s;CACHE_SIZE=16384".formatted(home.resolve("varve")),
                Optional.empty(),
                Optional.empty());
    }

    static DatabaseSettings of(Settings settings, Optional<String> flag) {
        Optional<String> url = flag.or(() -> settings.find(Setting.DATABASE_URL));
        if (url.isEmpty()) {
            return embedded(settings.home());
        }
        return new DatabaseSettings(
                url.get(),
                settings.find(Setting.DATABASE_USER),
                settings.find(Setting.DATABASE_PASSWORD));
    }

    /** Without user and password. */
    @Override
    public String toString() {
        return url;
    }
}
