package io.varve.volume;

import io.varve.volume.linux.Errno;
import io.varve.volume.linux.ErrnoException;
import io.varve.volume.linux.OpenFile;
import io.varve.volume.linux.OpenFlags;
import java.io.IOException;
import java.util.Optional;

/**
 * A descriptor with O_DIRECT, or why there is none.
 *
 * @param file empty exactly where {@code refusal} is not
 */
record DirectDescriptor(Optional<OpenFile> file, Optional<String> refusal) {

    /**
     * Opens a file once more for direct I/O and tries it by reading its first grain: some file
     * systems refuse only then.
     *
     * @param access {@link OpenFlags#READ_ONLY} or {@link OpenFlags#READ_WRITE}
     */
    static DirectDescriptor open(OpenFile file, int access, long size, int grain)
            throws IOException {
        OpenFile direct;
        try {
            direct = file.reopen(access | OpenFlags.DIRECT);
        } catch (ErrnoException e) {
            return refused(e);
        }
        try {
            if (size >= grain) {
                direct.read(0, AlignedBuffer.allocate(grain));
            }
            return new DirectDescriptor(Optional.of(direct), Optional.empty());
        } catch (ErrnoException e) {
            direct.close();
            return refused(e);
        }
    }

    private static DirectDescriptor refused(ErrnoException e) throws ErrnoException {
        if (e.errno() != Errno.EINVAL) {
            throw e;
        }
        return new DirectDescriptor(
                Optional.empty(),
                Optional.of("the file system has no direct I/O: " + e.getMessage()));
    }
}
