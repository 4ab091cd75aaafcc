package io.varve.volume;

import io.varve.Requires;
import java.io.IOException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Tag;

/** Needs root and a kernel that attaches and mounts: see {@link LoopDevice}. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Tag("loop")
@Requires(value = "loop", probe = NeedsLoopDevice.AttachProbe.class)
public @interface NeedsLoopDevice {

    /** Attaches a small file and detaches it again. */
    final class AttachProbe implements Requires.Probe {
        @Override
        public Optional<String> missing() {
            try {
                Path file = Files.createTempFile("varve-loop-probe", ".img");
                try {
                    Files.write(file, new byte[4096]);
                    LoopDevice.attach(file).close();
                    return Optional.empty();
                } finally {
                    Files.delete(file);
                }
            } catch (IOException e) {
                return Optional.of(
                        "no loop device can be attached, are you root? " + e.getMessage());
            }
        }
    }
}
