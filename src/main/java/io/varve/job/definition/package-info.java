/**
 * Job definitions: what is backed up, when, into which repository, and how. YAML in, records out.
 *
 * <p>The JSON Schema {@code definition-v1.schema.json} is the one source of fields, ranges and
 * defaults; every problem is told with file, line, column and field.
 */
@NullMarked
package io.varve.job.definition;

import org.jspecify.annotations.NullMarked;
