package io.varve.blob.azure;

import io.varve.Requires;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Optional;
import org.junit.jupiter.api.Tag;

/** Needs the program of an {@link AzureServer}. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Tag("stores")
@Requires(value = "stores", probe = NeedsAzureServer.ProgramProbe.class)
public @interface NeedsAzureServer {

    /** Looks for the program in the cache. */
    final class ProgramProbe implements Requires.Probe {
        @Override
        public Optional<String> missing() {
            return AzureServer.missing();
        }
    }
}
