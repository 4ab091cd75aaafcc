package io.varve.blob.filesystem;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.Charset;
import java.nio.file.FileSystemException;

/**
 * Linux error numbers (asm-generic/errno.h) that deserve an answer of their own.
 *
 * <p>The JDK keeps only the text of an error number, and that text follows the locale. So it is
 * compared with what {@code strerror(3)} says in this process, not with English words.
 */
enum Errno {
    EPERM(1),
    EINVAL(22),
    ENOSPC(28),
    EROFS(30),
    EOPNOTSUPP(95),
    EDQUOT(122);

    private static final long MAX_TEXT_BYTES = 1024;

    private final String text;

    Errno(int number) {
        this.text = strerror(number);
    }

    /** Whether a failed system call with this error number is behind {@code failure}. */
    boolean causes(IOException failure) {
        String reason =
                failure instanceof FileSystemException named
                        ? named.getReason()
                        : failure.getMessage();
        return text.equals(reason);
    }

    private static String strerror(int number) {
        Linker linker = Linker.nativeLinker();
        MethodHandle strerror =
                linker.downcallHandle(
                        linker.defaultLookup().findOrThrow("strerror"),
                        FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment text = (MemorySegment) strerror.invokeExact(number);
            Charset charset = Charset.forName(System.getProperty("native.encoding"));
            return text.reinterpret(MAX_TEXT_BYTES, arena, null).getString(0, charset);
        } catch (Throwable e) {
            throw new LinkageError("strerror(%d) failed".formatted(number), e);
        }
    }
}
