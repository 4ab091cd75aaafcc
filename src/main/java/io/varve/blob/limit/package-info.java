/** Bytes a second that a storage is asked for. */
@NullMarked
package io.varve.blob.limit;

import org.jspecify.annotations.NullMarked;
