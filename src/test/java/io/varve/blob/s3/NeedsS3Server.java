package io.varve.blob.s3;

import io.varve.Requires;
import io.varve.cluster.GoProgram;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Optional;
import org.junit.jupiter.api.Tag;

/** Needs the program of an {@link S3Server}. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Tag("s3")
@Requires(value = "s3", probe = NeedsS3Server.ProgramProbe.class)
public @interface NeedsS3Server {

    /** Looks for the program in the cache. */
    final class ProgramProbe implements Requires.Probe {
        @Override
        public Optional<String> missing() {
            return GoProgram.missing("versitygw");
        }
    }
}
