/**
 * Proof that backups can be restored: every reference resolves, every pack is there, and what is
 * read is what was stored. Writes nothing.
 */
@NullMarked
package io.varve.repository.verify;

import org.jspecify.annotations.NullMarked;
