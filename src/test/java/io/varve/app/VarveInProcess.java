package io.varve.app;

import io.varve.cli.Settings;
import io.varve.cli.VarveCommand;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Runs commands of the real program in this process, with a home and a repository of their own. */
public final class VarveInProcess {

    private static final String PASSWORD = "correct horse battery staple";

    private final Map<String, String> environment;

    /** Home and repository lie in {@code folder}. */
    public VarveInProcess(Path folder) {
        this(environment(folder));
    }

    private VarveInProcess(Map<String, String> environment) {
        this.environment = environment;
    }

    private static Map<String, String> environment(Path folder) {
        return Map.of(
                "VARVE_HOME",
                folder.resolve("home").toString(),
                "VARVE_REPOSITORY",
                folder.resolve("repository").toString(),
                "VARVE_PASSWORD",
                PASSWORD,
                "VARVE_STREAMS",
                "2");
    }

    /** The same with other environment variables. */
    public VarveInProcess with(Map<String, String> others) {
        var merged = new HashMap<>(environment);
        merged.putAll(others);
        merged.values().removeIf(String::isEmpty);
        return new VarveInProcess(Map.copyOf(merged));
    }

    /** What a command in another process needs to work on the same home and repository. */
    public Map<String, String> environment() {
        return environment;
    }

    /** The repository's. */
    public char[] password() {
        return PASSWORD.toCharArray();
    }

    /** What a command printed and ended with. */
    public record Result(int code, String out, String err) {

        /** The one JSON document. */
        public JsonNode json() {
            return JsonMapper.shared().readTree(out);
        }
    }

    /** Runs a command. */
    public Result run(String... args) {
        return run(Openers.real(), new GracefulStop(), args);
    }

    /** Runs a command that opens the world outside in another way. */
    public Result run(Openers openers, String... args) {
        return run(openers, new GracefulStop(), args);
    }

    /** Runs a command with other openers, and a stop that a test can give. */
    Result run(Openers openers, GracefulStop stop, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        try {
            int code =
                    VarveCommand.tree(
                                    Varve.surroundings(
                                            new Settings(environment, Map.of()),
                                            new PrintWriter(out, true),
                                            new PrintWriter(err, true),
                                            openers,
                                            stop),
                                    args)
                            .execute(args);
            return new Result(code, out.toString(), err.toString());
        } finally {
            // Else this JVM waits at its end for a command that ended long ago.
            stop.commandEnded();
        }
    }
}
