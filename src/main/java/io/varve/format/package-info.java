/**
 * The Kopia repository format, as pure functions between bytes and values.
 *
 * <p>No I/O, no threads, no clock, no randomness: a nonce or a time is an argument. So each codec
 * is tested against fixed bytes. Corrupt input throws {@link
 * io.varve.format.CorruptFormatException}, well-formed input of a kind that is not known here
 * {@link io.varve.format.UnsupportedFormatException}; neither ever gives a partial value.
 */
@NullMarked
package io.varve.format;

import org.jspecify.annotations.NullMarked;
