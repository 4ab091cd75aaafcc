/** How the Jobs fare that read an exposed volume, as values. */
@NullMarked
package io.varve.kube.mover;

import org.jspecify.annotations.NullMarked;
