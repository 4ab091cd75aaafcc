/**
 * Which blocks of a volume changed, or are allocated: one folder for each way to find out.
 *
 * <p>Each gives an {@link io.varve.volume.BlockBitmap}: ranges are folded into it as they arrive,
 * so memory does not grow with their number. A block that is touched by a single changed byte is
 * changed. It never reads the volume's data.
 */
@NullMarked
package io.varve.cbt;

import org.jspecify.annotations.NullMarked;
