/**
 * What lies in a pack beside contents: random bytes, the local index and how to find it, and in
 * older repositories a copy of the format blob. All of it serves the recovery of a lost index; a
 * writer owes it to everybody whose packs lie in the same repository.
 *
 * <p>Pure: random bytes come from the caller. Proved against vectors and by damaging each byte.
 */
@NullMarked
package io.varve.format.pack;

import org.jspecify.annotations.NullMarked;
