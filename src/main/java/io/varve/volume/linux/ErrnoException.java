package io.varve.volume.linux;

import java.io.IOException;

/** A system call that failed. The message names what was being done, to which path, and why not. */
public final class ErrnoException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    ErrnoException(String doing, int errno) {
        super("%s: %s (errno %d)".formatted(doing, LinuxCalls.describe(errno), errno));
        this.errno = errno;
    }

    /** One of {@link Errno}, or any other number that Linux has. */
    public int errno() {
        return errno;
    }
}
