/**
 * JSON as Go's {@code encoding/json} reads and writes it, since Go is what else works on a
 * repository: what is lenient there is lenient here, and what is an error there is refused.
 *
 * <p>Reading: unknown keys are ignored, keys match in any case, null is as good as absent, integers
 * are plain digits in range. Writing: compact, with Go's escapes. No I/O beyond what a caller hands
 * in, no clock.
 */
@NullMarked
package io.varve.format.json;

import org.jspecify.annotations.NullMarked;
