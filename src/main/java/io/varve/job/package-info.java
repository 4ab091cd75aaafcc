/**
 * The Spring Batch jobs, each readable as its own diagram: backup and restore of one volume.
 *
 * <p>A chunk's commit is the checkpoint: the rows of what became durable, the cursor of its range
 * and Batch's own rows are one transaction. A job is built for one run and holds that run's state,
 * so that nothing is shared between runs. Step names are persisted: a restart finds steps by name.
 *
 * <p>Steps are stopped at their boundaries by {@link io.varve.job.StopSignal}, never by
 * interrupting a thread: Batch takes an interrupted chunk loop for a completed one.
 */
@NullMarked
package io.varve.job;

import org.jspecify.annotations.NullMarked;
