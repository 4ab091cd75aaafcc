package io.varve.cli;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The settings of this process. The environment wins over {@code application.yaml}; a flag, which
 * its command reads, wins over both.
 *
 * @param environment the process's environment variables
 * @param properties what {@code application.yaml} says, with flat keys such as {@code
 *     varve.repository}
 */
public record Settings(Map<String, String> environment, Map<String, String> properties) {

    public Settings {
        environment = Map.copyOf(environment);
        properties = Map.copyOf(properties);
    }

    /** The value of a setting; an empty one counts as absent. */
    public Optional<String> find(Setting setting) {
        return Optional.ofNullable(environment.get(setting.variable()))
                .filter(value -> !value.isEmpty())
                .or(() -> Optional.ofNullable(properties.get(setting.property())))
                .filter(value -> !value.isEmpty());
    }

    /** The folder of the H2 database and of the cache: {@code VARVE_HOME}, or {@code ~/.varve}. */
    public Path home() {
        return find(Setting.HOME)
                .map(Path::of)
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".varve"))
                .toAbsolutePath()
                .normalize();
    }

    /**
     * A whole number from 1 to {@code most}.
     *
     * @throws UsageException if it is none
     */
    int positive(Setting setting, int whenAbsent, int most) throws UsageException {
        Optional<String> text = find(setting);
        if (text.isEmpty()) {
            return whenAbsent;
        }
        try {
            int value = Integer.parseInt(text.get());
            if (value >= 1 && value <= most) {
                return value;
            }
        } catch (NumberFormatException notANumber) {
            // Said below, together with numbers that are too small.
        }
        throw new UsageException(
                "%s (%s in application.yaml) is '%s'; it must be a whole number from 1 to %d"
                        .formatted(setting.variable(), setting.property(), text.get(), most));
    }
}
