package io.varve.app;

import io.varve.cli.ExitCode;
import io.varve.cli.Failure;
import io.varve.cli.Settings;
import io.varve.cli.Surroundings;
import io.varve.cli.VarveCommand;
import io.varve.job.Jobs;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;

/** The program. */
public final class Varve {

    private Varve() {}

    static void main(String[] args) {
        // Spring Batch stores local times without their zone: hosts must not differ in it.
        TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
        System.exit(run(args, Openers.real()));
    }

    /** Carries out one command and returns what the process ends with. */
    public static int run(String[] args, Openers openers) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        GracefulStop stop = new GracefulStop();
        try {
            return VarveCommand.tree(
                            surroundings(settings(System.getenv()), out, err, openers, stop), args)
                    .execute(args);
        } catch (IOException e) {
            err.println("varve: " + Failure.of(e).message());
            return ExitCode.USAGE.number();
        } finally {
            stop.commandEnded();
        }
    }

    static Surroundings surroundings(
            Settings settings,
            PrintWriter out,
            PrintWriter err,
            Openers openers,
            GracefulStop stop) {
        InstantSource clock = InstantSource.system();
        return new Surroundings(
                settings,
                out,
                err,
                isTerminal(),
                settings.environment().containsKey("VARVE_TRACE"),
                new Surroundings.Openers(
                        openers.storage(),
                        new SpringJobs(openers, stop, clock),
                        OwnerClient::ask,
                        new SchemaMigrations()),
                clock,
                new SecureRandom());
    }

    /** Carries out a command of another process, which cannot open this one's database. */
    static int answer(List<String> words, AnswerLines answer, Jobs jobs, InstantSource clock) {
        Surroundings surroundings =
                new Surroundings(
                        new Settings(Map.of(), Map.of()),
                        answer.output(),
                        answer.errors(),
                        false,
                        false,
                        Surroundings.Openers.of(jobs),
                        clock,
                        new SecureRandom());
        String[] args = words.toArray(String[]::new);
        return VarveCommand.tree(surroundings, args).execute(args);
    }

    /** The working folder's {@code application.yaml} wins over the one in {@code VARVE_HOME}. */
    private static Settings settings(Map<String, String> environment) throws IOException {
        Path home = new Settings(environment, Map.of()).home();
        Map<String, String> properties =
                new LinkedHashMap<>(ApplicationFile.read(home.resolve(ApplicationFile.NAME)));
        properties.putAll(ApplicationFile.read(Path.of(ApplicationFile.NAME)));
        return new Settings(environment, properties);
    }

    /** Whether a person sees standard error; {@code System.console()} tells only of the others. */
    private static boolean isTerminal() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
        } catch (IOException e) {
            return false;
        }
    }
}
