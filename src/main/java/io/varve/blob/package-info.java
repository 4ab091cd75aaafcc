/**
 * Where bytes rest: a flat namespace of immutable blobs behind {@link io.varve.blob.BlobStorage}.
 *
 * <p>Knows nothing of what a blob holds. A backend is one folder below this package and one
 * subclass of {@code BlobStorageContract}. Backends do not retry, cache content or encrypt.
 */
@NullMarked
package io.varve.blob;

import org.jspecify.annotations.NullMarked;
