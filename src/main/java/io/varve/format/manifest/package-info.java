/**
 * Manifests: labelled JSON items, which is how snapshots, policies and the maintenance's owner are
 * stored, and the gzip containers that they travel in.
 *
 * <p>What is written here is read by kopia's strict decoder, and kopia's garbage collection deletes
 * the data of a snapshot whose manifest it cannot parse: so the writers refuse what it refuses.
 * Pure. Proved against manifests that kopia and Velero wrote, and by damaging each byte of them.
 */
@NullMarked
package io.varve.format.manifest;

import org.jspecify.annotations.NullMarked;
