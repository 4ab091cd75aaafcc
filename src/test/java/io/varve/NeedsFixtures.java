package io.varve;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/** Needs the repositories of {@link Fixtures}. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Tag("fixtures")
@Requires(value = "fixtures", probe = Fixtures.FolderProbe.class)
public @interface NeedsFixtures {}
