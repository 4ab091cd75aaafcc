/**
 * Measures the path of a block on this machine, stage by stage, with the parts that a backup uses,
 * and says what they add up to. Plain Java, for one thread.
 */
@NullMarked
package io.varve.mover.benchmark;

import org.jspecify.annotations.NullMarked;
