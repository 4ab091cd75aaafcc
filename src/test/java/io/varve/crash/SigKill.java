package io.varve.crash;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The signal that no process can catch, sent to this one: kill(2). */
final class SigKill {

    /** What a process that was killed by it ends with, as a shell tells it. */
    static final int EXIT_CODE = 137;

    private static final int SIGKILL = 9;

    private SigKill() {}

    static void self() {
        Linker linker = Linker.nativeLinker();
        MethodHandle kill =
                linker.downcallHandle(
                        linker.defaultLookup().findOrThrow("kill"),
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
        try {
            int result = (int) kill.invokeExact((int) ProcessHandle.current().pid(), SIGKILL);
            throw new IllegalStateException("kill gave " + result);
        } catch (Throwable e) {
            throw new IllegalStateException("this process could not kill itself", e);
        }
    }
}
