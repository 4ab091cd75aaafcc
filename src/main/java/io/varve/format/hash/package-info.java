/**
 * The keyed hash functions that name contents and whole blobs.
 *
 * <p>All eleven functions of the format are here: keyed BLAKE2b, the default, as a plain Java loop;
 * the others over the JDK's {@code Mac} or BouncyCastle's digests. BLAKE2b, BLAKE3 and HMAC over
 * SHA-2 are here in vectors too, for much to hash. A test compares each with values that do not
 * come from this code.
 */
@NullMarked
package io.varve.format.hash;

import org.jspecify.annotations.NullMarked;
