/** Copies of blobs on this machine, of storages that are far away. */
@NullMarked
package io.varve.blob.cache;

import org.jspecify.annotations.NullMarked;
