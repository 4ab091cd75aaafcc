/**
 * Definitions as manifests of a cluster: CronJobs, and what they need around them.
 *
 * <p>The manifests are templates in YAML beside the classes, to be read as what they become; what a
 * definition or the rules of {@code io.varve.kube} say is put into their trees, never into their
 * text. The same definitions give the same bytes. Nothing here talks to a cluster.
 */
@NullMarked
package io.varve.job.definition.render;

import org.jspecify.annotations.NullMarked;
