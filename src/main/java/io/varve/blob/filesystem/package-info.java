/**
 * Blobs as files of a folder, laid out as Kopia lays them out: {@code <dirs>/<rest of id>.f}, the
 * folders decided by the {@code .shards} file at the root.
 *
 * <p>A file of the final name is always whole and synced: it is written under a temporary name,
 * synced, renamed or linked, and its folder synced. Runs as any user on any file system with hard
 * links; {@code FilesystemBlobStorageTest} holds it to the contract of all storages.
 */
@NullMarked
package io.varve.blob.filesystem;

import org.jspecify.annotations.NullMarked;
