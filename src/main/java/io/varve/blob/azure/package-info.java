/** Blobs in a container of Azure Blob Storage. */
@NullMarked
package io.varve.blob.azure;

import org.jspecify.annotations.NullMarked;
