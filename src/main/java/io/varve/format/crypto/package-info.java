/**
 * From the password to sealed bytes: key derivation, the envelope of the format blob, and the
 * encryption of contents and whole blobs.
 *
 * <p>Nonces are arguments; whoever gives them must never give one twice for the same item. Nothing
 * here says why a tag does not match: damaged bytes and a wrong key look the same. No message holds
 * key material.
 */
@NullMarked
package io.varve.format.crypto;

import org.jspecify.annotations.NullMarked;
