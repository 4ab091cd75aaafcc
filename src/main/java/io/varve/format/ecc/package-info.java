/**
 * The error correction that kopia can wrap around sealed bytes: read and repaired here, never
 * written.
 *
 * <p>It is experimental in kopia and off by default. What is repaired is not proved by it: the tag
 * of the encryption inside does that.
 */
@NullMarked
package io.varve.format.ecc;

import org.jspecify.annotations.NullMarked;
