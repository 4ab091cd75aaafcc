/**
 * The compressed streams that a content can be stored as: all are read, zstd is written.
 *
 * <p>What a stream unpacks to is bounded by the length that the caller expects, so that a damaged
 * or hostile stream costs neither memory nor time beyond it. Such a stream throws {@link
 * io.varve.format.CorruptFormatException}, whatever the library behind it does.
 */
@NullMarked
package io.varve.format.compress;

import org.jspecify.annotations.NullMarked;
