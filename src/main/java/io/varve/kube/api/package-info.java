/**
 * The Kubernetes API as Varve uses it: calls, waits, owned objects, and what goes wrong with them.
 *
 * <p>The only place that turns answers of the API server into exceptions.
 */
@NullMarked
package io.varve.kube.api;

import org.jspecify.annotations.NullMarked;
