package io.varve.crash;

import io.varve.app.ArchivedProgram;
import io.varve.app.VarveInProcess;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** JVMs with the program and the tests on their class path, which start in half the time. */
final class ChildJvm {

    private ChildJvm() {}

    /** A JVM about to start with the program's settings. */
    static ProcessBuilder of(
            VarveInProcess varve, Class<?> main, List<String> options, String... args) {
        ArchivedProgram program = ArchivedProgram.get();
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.add("-Xmx256m");
        words.addAll(options);
        words.addAll(program.options(program.folder()));
        words.add(main.getName());
        words.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(words);
        builder.environment().putAll(varve.environment());
        return builder;
    }
}
