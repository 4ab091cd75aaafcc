package io.varve.mover.files;

import java.util.List;

/**
 * What a restore of a file tree did.
 *
 * @param bytes of file contents written
 * @param warnings about what could not be set: owners, times
 */
public record TreeRestoreResult(
        long files, long directories, long links, long bytes, List<String> warnings) {}
