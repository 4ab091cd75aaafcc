package io.varve;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Optional;
import org.junit.jupiter.api.Tag;

/**
 * Takes many minutes: runs only where {@code varve.tests.required} asks for it, as .ci/run does.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Tag("exhaustive")
@Requires(value = "exhaustive", probe = Exhaustive.TimeProbe.class)
public @interface Exhaustive {

    /** Whether the time is given. */
    final class TimeProbe implements Requires.Probe {
        @Override
        public Optional<String> missing() {
            return RequiredResource.names(System.getProperty("varve.tests.required", ""))
                            .contains("exhaustive")
                    ? Optional.empty()
                    : Optional.of("many minutes; -Dvarve.tests.required=exhaustive runs it");
        }
    }
}
