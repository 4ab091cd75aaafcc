/**
 * The claims whose volumes are backed up. Nothing here changes one; an Event is all that it adds.
 */
@NullMarked
package io.varve.kube.claim;

import org.jspecify.annotations.NullMarked;
