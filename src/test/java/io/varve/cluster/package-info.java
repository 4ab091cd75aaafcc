/** A real control plane of Kubernetes for tests: no container engine, no kubelet. */
@NullMarked
package io.varve.cluster;

import org.jspecify.annotations.NullMarked;
