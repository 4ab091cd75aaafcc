/**
 * Contents: looked up in the merged index, read from packs and proved by their hash, sealed into
 * packs and made visible by index blobs.
 */
@NullMarked
package io.varve.repository.content;

import org.jspecify.annotations.NullMarked;
