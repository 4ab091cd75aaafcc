package io.varve;

import java.io.File;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;

/** Needs the {@code kopia} program on the PATH. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Tag("kopia")
@Requires(value = "kopia", probe = NeedsKopia.PathProbe.class)
public @interface NeedsKopia {

    /** Looks for the program. */
    final class PathProbe implements Requires.Probe {
        @Override
        public Optional<String> missing() {
            return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "kopia")))
                    ? Optional.empty()
                    : Optional.of("there is no program 'kopia' on the PATH");
        }
    }
}
