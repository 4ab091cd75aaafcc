/** Restores file trees: what {@code kopia}, or Velero's file uploader, backed up. */
@NullMarked
package io.varve.mover.files;

import org.jspecify.annotations.NullMarked;
