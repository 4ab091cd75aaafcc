package io.varve.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.KeptRepositories;
import io.varve.app.VarveInProcess;
import io.varve.app.VarveInProcess.Result;
import io.varve.database.TestDatabase;
import io.varve.database.TestDatabase.Address;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The program with a repository and a database of its own, whose commands are killed and run again.
 * After each revival the history must have exactly what was done.
 */
final class Victim {

    private final Path folder;
    private final TestDatabase kind;
    private final Address database;
    private final VarveInProcess varve;

    /** Has another database: what it restores is not in the history. */
    private final VarveInProcess onlooker;

    private int survived;

    /** Makes an empty repository and an empty database. */
    Victim(TestDatabase kind, Path folder, int streams) {
        this.folder = folder;
        this.kind = kind;
        Address address = kind.create(folder);
        // Where H2 writes what it stumbles over.
        String url =
                kind == TestDatabase.H2 ? address.url() + ";TRACE_LEVEL_FILE=1" : address.url();
        this.database = new Address(url, address.user(), address.password());
        Map<String, String> environment = new HashMap<>(database.environment());
        environment.put("VARVE_STREAMS", Integer.toString(streams));
        this.varve = new VarveInProcess(folder).with(environment);
        this.onlooker =
                new VarveInProcess(folder)
                        .with(Map.of("VARVE_HOME", folder.resolve("onlooker").toString()));
        succeed("repository", "create", "--compression", "none");
        succeed("job", "list");
    }

    VarveInProcess varve() {
        return varve;
    }

    /**
     * So many of these moments may pass unseen: a call that a heartbeat makes comes more or less
     * often, the more so on a busy machine.
     */
    static int mostSurvivors(int points) {
        return Math.max(3, points / 5);
    }

    /** How often a command ended before the moment came at which it should have died. */
    int survived() {
        return survived;
    }

    /** Runs a command here, which must end with 0. */
    Result succeed(String... command) {
        Result result = varve.run(command);
        assertThat(result.code()).as("%s: %s", List.of(command), result.err()).isZero();
        return result;
    }

    History history() throws IOException {
        return History.read(database, folder);
    }

    /** The ids in the table of backups. */
    List<String> catalog() throws IOException {
        return History.catalog(database, folder);
    }

    /** A command that died, and what it left. */
    final class Death {

        private final String point;
        private final String[] command;
        private final History before;
        private final History left;

        private Death(String point, String[] command, History before, History left) {
            this.point = point;
            this.command = command;
            this.before = before;
            this.left = left;
        }

        /** Whether the run had completed before its process died. */
        boolean over() {
            return left.completedSince(before);
        }

        /**
         * The same command once more.
         *
         * @param code what it ends with
         */
        Result runAgain(int code) throws IOException {
            Result result = varve.run(command);
            assertThat(result.code()).as("%s: %s", point, result.err()).isEqualTo(code);
            history().assertCompleted(before, left);
            return result;
        }
    }

    /** Kills a command at a point that it must reach. */
    Death kill(String point, String... command) throws Exception {
        int before = survived;
        Death death = killOrMiss(point, command);
        assertThat(survived).as("the process must die at " + point).isEqualTo(before);
        return death;
    }

    /** Kills a command at a point that may come once less in another run, at its end. */
    Death killOrMiss(String point, String... command) throws Exception {
        History before = history();
        int code = KilledProcess.run(varve, folder, point, command);
        if (code == 0) {
            survived++;
        } else {
            assertThat(code)
                    .as("%s: %s", point, KilledProcess.errors(folder))
                    .isEqualTo(SigKill.EXIT_CODE);
        }
        History left = history();
        left.assertOneDied(before);
        return new Death(point, command, before, left);
    }

    /** Runs the same command once more after several deaths, of which this was the last. */
    Result revive(History before, History left, String... command) throws IOException {
        return new Death("at random", command, before, left).runAgain(0);
    }

    /**
     * Runs a command in another JVM to its end; a share of the points at which it could be killed.
     */
    List<String> points(String... command) throws Exception {
        List<String> all = Moments.points(KilledProcess.moments(varve, folder, command));
        assertThat(all).hasSizeGreaterThan(50);
        return Moments.share(all);
    }

    /** Restores a backup, which must have these bytes. The database is not touched. */
    void assertRestores(String backupId, Path expected) throws IOException {
        Path restored = folder.resolve("restored.img");
        Result result =
                onlooker.run("restore", "run", backupId, "--to-device", restored.toString());
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(Files.mismatch(expected, restored)).isEqualTo(-1);
        Files.delete(restored);
    }

    /** All data is whole. */
    void assertVerifies() {
        succeed("verify", "run", "--read-data", "100");
    }

    /** The database stumbled over nothing, and the repository is left for others to check. */
    void end(String name) throws IOException {
        assertThat(history().leftovers()).isEmpty();
        assertThat(folder.resolve("jobs.trace.db")).doesNotExist();
        assertVerifies();
        KeptRepositories.keep(
                "%s-%s".formatted(name, kind.name().toLowerCase(Locale.ROOT)),
                folder.resolve("repository"),
                varve.password());
    }
}
