/**
 * Ties the jobs to a cluster: what a definition says becomes VolumeSnapshots, temporary claims and
 * movers of its claims' backups.
 */
@NullMarked
package io.varve.job.cluster;

import org.jspecify.annotations.NullMarked;
