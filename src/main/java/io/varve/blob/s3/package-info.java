/** Blobs as objects of a bucket: S3 and what speaks its protocol. */
@NullMarked
package io.varve.blob.s3;

import org.jspecify.annotations.NullMarked;
