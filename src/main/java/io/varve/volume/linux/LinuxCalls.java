package io.varve.volume.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.Charset;
import java.util.stream.Stream;

/**
 * The C library's system calls. Every result is the kernel's own convention: zero or more is the
 * result, a negative number is the negated errno. Stateless, so safe for many threads.
 */
final class LinuxCalls {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final Linker.Option CAPTURE_ERRNO = Linker.Option.captureCallState("errno");
    private static final Linker.Option TWO_FIXED_ARGUMENTS = Linker.Option.firstVariadicArg(2);
    private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    /** What {@link java.nio.file.Path} itself uses for names. */
    private static final Charset FILE_NAMES =
            Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

    // Each in a class of its own, so that only those that are called are linked: that takes some
    // milliseconds each.

    private static final class Open {
        static final MethodHandle CALL =
                call(
                        "open",
                        FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
                        TWO_FIXED_ARGUMENTS);
    }

    private static final class Close {
        static final MethodHandle CALL = call("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    }

    private static final class Pread {
        static final MethodHandle CALL =
                call(
                        "pread",
                        FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));
    }

    private static final class Pwrite {
        static final MethodHandle CALL =
                call(
                        "pwrite",
                        FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));
    }

    private static final class Ioctl {
        static final MethodHandle CALL =
                call(
                        "ioctl",
                        FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS),
                        TWO_FIXED_ARGUMENTS);
    }

    private static final class Lseek {
        static final MethodHandle CALL =
                call("lseek", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));
    }

    private static final class Fallocate {
        static final MethodHandle CALL =
                call(
                        "fallocate",
                        FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
    }

    private static final class Ftruncate {
        static final MethodHandle CALL =
                call("ftruncate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
    }

    private static final class Fsync {
        static final MethodHandle CALL = call("fsync", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    }

    private static final class Fdatasync {
        static final MethodHandle CALL =
                call("fdatasync", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    }

    private static final class Flock {
        static final MethodHandle CALL =
                call("flock", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    }

    private static final class Strerror {
        static final MethodHandle CALL =
                LINKER.downcallHandle(
                        LINKER.defaultLookup().findOrThrow("strerror"),
                        FunctionDescriptor.of(ADDRESS, JAVA_INT));
    }

    private LinuxCalls() {}

    /** {@code mode} is used only when the flags create a file. */
    static long open(String path, int flags, int mode) {
        try (Arena arena = Arena.ofConfined()) {
            byte[] name = path.getBytes(FILE_NAMES);
            MemorySegment terminated = arena.allocate(name.length + 1L);
            MemorySegment.copy(MemorySegment.ofArray(name), 0, terminated, 0, name.length);
            return retried(state -> (int) Open.CALL.invokeExact(state, terminated, flags, mode));
        }
    }

    /** Never made again: Linux has given the descriptor back also where it answers EINTR. */
    static long close(int descriptor) {
        return once(state -> (int) Close.CALL.invokeExact(state, descriptor));
    }

    static long pread(int descriptor, MemorySegment target, long offset) {
        return retried(
                state ->
                        (long)
                                Pread.CALL.invokeExact(
                                        state, descriptor, target, target.byteSize(), offset));
    }

    static long pwrite(int descriptor, MemorySegment source, long offset) {
        return retried(
                state ->
                        (long)
                                Pwrite.CALL.invokeExact(
                                        state, descriptor, source, source.byteSize(), offset));
    }

    static long ioctl(int descriptor, long request, MemorySegment argument) {
        return retried(state -> (int) Ioctl.CALL.invokeExact(state, descriptor, request, argument));
    }

    static long lseek(int descriptor, long offset, int whence) {
        return retried(state -> (long) Lseek.CALL.invokeExact(state, descriptor, offset, whence));
    }

    static long fallocate(int descriptor, int mode, long offset, long length) {
        return retried(
                state -> (int) Fallocate.CALL.invokeExact(state, descriptor, mode, offset, length));
    }

    static long ftruncate(int descriptor, long size) {
        return retried(state -> (int) Ftruncate.CALL.invokeExact(state, descriptor, size));
    }

    static long fsync(int descriptor) {
        return retried(state -> (int) Fsync.CALL.invokeExact(state, descriptor));
    }

    static long fdatasync(int descriptor) {
        return retried(state -> (int) Fdatasync.CALL.invokeExact(state, descriptor));
    }

    static long flock(int descriptor, int operation) {
        return retried(state -> (int) Flock.CALL.invokeExact(state, descriptor, operation));
    }

    /** The C library's words for an errno. Its strerror is thread-safe for known numbers. */
    static String describe(int errno) {
        try {
            MemorySegment text = (MemorySegment) Strerror.CALL.invokeExact(errno);
            return text.reinterpret(Long.MAX_VALUE).getString(0);
        } catch (Throwable impossible) {
            throw new AssertionError("strerror does not throw", impossible);
        }
    }

    private static MethodHandle call(
            String name, FunctionDescriptor signature, Linker.Option... options) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name),
                signature,
                Stream.concat(Stream.of(CAPTURE_ERRNO), Stream.of(options))
                        .toArray(Linker.Option[]::new));
    }

    private static long retried(NativeCall call) {
        long result;
        do {
            result = once(call);
        } while (result == -Errno.EINTR);
        return result;
    }

    private static long once(NativeCall call) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(CALL_STATE);
            long result = call.invoke(state);
            return result >= 0 ? result : -(int) ERRNO.get(state, 0L);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable impossible) {
            throw new AssertionError("a system call throws nothing checked", impossible);
        }
    }

    /** One call into C; {@code state} receives its errno. */
    @FunctionalInterface
    private interface NativeCall {
        long invoke(MemorySegment state) throws Throwable;
    }
}
