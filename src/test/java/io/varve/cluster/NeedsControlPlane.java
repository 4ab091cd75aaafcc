package io.varve.cluster;

import io.varve.Requires;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Needs the programs of a control plane. The one {@link ControlPlane} of this JVM is a parameter of
 * the test or of its constructor.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Tag("cluster")
@Order(2)
@Requires(value = "cluster", probe = NeedsControlPlane.ProgramsProbe.class)
@ExtendWith(SharedControlPlane.class)
public @interface NeedsControlPlane {

    /**
     * Looks for the programs in the cache; building them takes minutes and is not a test's work.
     */
    final class ProgramsProbe implements Requires.Probe {
        @Override
        public Optional<String> missing() {
            return Stream.of("controlplane", "provisioner", "storage", "kubelet", "kubectl")
                    .flatMap(name -> GoProgram.missing(name).stream())
                    .findFirst();
        }
    }
}
