package io.varve;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtendWith;

/** Makes an annotation that skips tests where something they need is not there. */
@Target(ElementType.ANNOTATION_TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(RequiredResource.class)
public @interface Requires {
    /** The resource's name in the system property {@code varve.tests.required}; also the tag. */
    String value();

    /** Finds out whether it is there. Has a constructor without parameters. */
    Class<? extends Probe> probe();

    /** Looks for a resource. */
    interface Probe {
        /** Why the resource can't be used, or empty if it can. */
        Optional<String> missing();
    }
}
