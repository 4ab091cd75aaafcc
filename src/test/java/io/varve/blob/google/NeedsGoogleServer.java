package io.varve.blob.google;

import io.varve.Requires;
import io.varve.cluster.GoProgram;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Optional;
import org.junit.jupiter.api.Tag;

/** Needs the program of a {@link GoogleServer}. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Tag("stores")
@Requires(value = "stores", probe = NeedsGoogleServer.ProgramProbe.class)
public @interface NeedsGoogleServer {

    /** Looks for the program in the cache. */
    final class ProgramProbe implements Requires.Probe {
        @Override
        public Optional<String> missing() {
            return GoProgram.missing("fakegcs");
        }
    }
}
