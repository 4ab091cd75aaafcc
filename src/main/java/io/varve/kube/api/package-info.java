/** What goes wrong with a cluster. */
@NullMarked
package io.varve.kube.api;

import org.jspecify.annotations.NullMarked;
