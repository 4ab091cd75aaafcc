package io.varve;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Optional;
import org.junit.jupiter.api.Tag;

/**
 * Takes hours: runs only by {@code mvn -Pendurance verify}, together with all moments of {@link
 * Exhaustive} tests. {@code -Dvarve.kills=10} makes a short trial of it, {@code -Dvarve.seed=…}
 * repeats one.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Tag("endurance")
@Requires(value = "endurance", probe = Endurance.TimeProbe.class)
public @interface Endurance {

    /** Whether the time is given. */
    final class TimeProbe implements Requires.Probe {
        @Override
        public Optional<String> missing() {
            return RequiredResource.names(System.getProperty("varve.tests.required", ""))
                            .contains("endurance")
                    ? Optional.empty()
                    : Optional.of("an hour; mvn -Pendurance verify runs it");
        }
    }
}
