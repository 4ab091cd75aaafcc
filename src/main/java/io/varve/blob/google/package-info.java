/** Blobs as objects of a bucket of Google Cloud Storage, by its JSON protocol. */
@NullMarked
package io.varve.blob.google;

import org.jspecify.annotations.NullMarked;
