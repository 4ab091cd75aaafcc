/** The claims whose volumes are backed up, as values. */
@NullMarked
package io.varve.kube.claim;

import org.jspecify.annotations.NullMarked;
