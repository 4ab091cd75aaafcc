/**
 * A Kopia-format repository over one blob storage: contents, packs, indexes, objects, manifests and
 * the backups they make up.
 *
 * <p>Nothing is ever changed in place. What is read is authenticated and hashed again before
 * anybody sees it; what is written becomes visible by the put of an index blob, and only after
 * every pack it names is durable. No locks: any number of processes may read and write at once,
 * beside {@code kopia} and its maintenance (docs/FORMAT.md says which rules keep that safe).
 */
@NullMarked
package io.varve.repository;

import org.jspecify.annotations.NullMarked;
