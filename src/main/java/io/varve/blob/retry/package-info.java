/** Trying again what a storage did not do: in one place, for all storages that are far away. */
@NullMarked
package io.varve.blob.retry;

import org.jspecify.annotations.NullMarked;
