/**
 * Allocated blocks of an image file, as its file system knows them.
 *
 * <p>Tells what is not allocated; it can't tell what changed.
 */
@NullMarked
package io.varve.cbt.sparse;

import org.jspecify.annotations.NullMarked;
