/**
 * Where contents lie: index tables, and which index blobs of a repository count.
 *
 * <p>An index blob, decrypted, is a sorted table from content id to place in a pack. It is searched
 * where it lies, in memory or in a mapped file, and never turned into a map. Which blobs are to be
 * read follows from blob names alone. Pure; proved against tables that kopia wrote, byte for byte,
 * and by damaging each byte of them.
 */
@NullMarked
package io.varve.format.index;

import org.jspecify.annotations.NullMarked;
