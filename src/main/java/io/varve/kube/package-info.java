/**
 * What Varve does in a Kubernetes cluster for a backup: {@link io.varve.kube.Cluster} is the way
 * in.
 *
 * <p>Knows nothing of repositories, catalogs or jobs; takes and gives records of its own, never a
 * class of the Kubernetes client. Each object that it makes has a name that follows from the run,
 * so that whoever continues a run finds what a killed process left. Its tests run against a real
 * API server with the real controllers.
 */
@NullMarked
package io.varve.kube;

import org.jspecify.annotations.NullMarked;
