package io.varve;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Runs jobs in this JVM: one such class at a time, whatever else runs beside it. Spring Batch knows
 * running steps by their numbers in a static map, and each test's database begins to count at 1.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ResourceLock("spring-batch")
public @interface UsesBatch {}
