/**
 * Linux system calls on files and block devices, through {@code java.lang.foreign}.
 *
 * <p>Only {@code io.varve.volume} uses it. Calls are thin: one method, one system call; interrupted
 * calls (EINTR) are made again, a refusal is an {@link io.varve.volume.linux.ErrnoException} that
 * names what was being done. It keeps no policy: when to use direct I/O and what to do where a call
 * is refused is decided above.
 */
@NullMarked
package io.varve.volume.linux;

import org.jspecify.annotations.NullMarked;
