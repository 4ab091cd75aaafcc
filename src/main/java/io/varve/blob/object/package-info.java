/**
 * What object stores have in common, whatever their protocol: bodies, ranges, listings, and the
 * rules of locations that only add.
 */
@NullMarked
package io.varve.blob.object;

import org.jspecify.annotations.NullMarked;
