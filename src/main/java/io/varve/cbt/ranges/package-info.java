/**
 * Changed or allocated ranges from a file that a person or the storage's own tool wrote.
 *
 * <p>Input of others: every number is checked against the volume, and a file with a single bad
 * range is refused as a whole, because a range that was misread is a block that is not backed up.
 */
@NullMarked
package io.varve.cbt.ranges;

import org.jspecify.annotations.NullMarked;
