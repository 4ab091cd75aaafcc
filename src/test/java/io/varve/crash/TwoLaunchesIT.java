package io.varve.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.Exhaustive;
import io.varve.SeededImage;
import io.varve.app.VarveInProcess;
import io.varve.app.VarveInProcess.Result;
import io.varve.database.EveryDatabase;
import io.varve.database.TestDatabase;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Goal: of two launches of one volume at the same time one runs, and the other says who does.
 * Method: whoever gets through waits at a gate in its transfer until the other one has ended.
 */
@EveryDatabase
class TwoLaunchesIT {

    private static final boolean EXHAUSTIVE = new Exhaustive.TimeProbe().missing().isEmpty();

    private static final int LONGEST_SECONDS = 60;

    /** Before the first block is read. */
    private static final String AT = "step=transferRange:before:1";

    private final TestDatabase kind;
    private @TempDir Path folder;
    private SeededImage image;
    private VarveInProcess varve;

    TwoLaunchesIT(TestDatabase kind) {
        this.kind = kind;
    }

    @BeforeEach
    void createRepository() throws IOException {
        Map<String, String> environment = new HashMap<>(kind.create(folder).environment());
        environment.put("VARVE_LEASE_SECONDS", "5");
        varve = new VarveInProcess(folder).with(environment);
        image = SeededImage.create(folder.resolve("disk.img"), 4, 1);
        assertThat(varve.run("repository", "create").code()).isZero();
    }

    /** Of new processes. */
    int pairs() {
        return EXHAUSTIVE ? 4 : 1;
    }

    /** Of long-lived processes. */
    int rounds() {
        return EXHAUSTIVE ? 30 : 3;
    }

    private String[] backup() {
        return new String[] {
            "backup", "run", "--json", "--device", image.path().toString(), "--volume", "disk"
        };
    }

    @Test
    void ofTwoNewProcessesOneRuns() throws Exception {
        for (int pair = 0; pair < pairs(); pair++) {
            Path gate = folder.resolve("gate" + pair);
            Path out = folder.resolve("out" + pair);
            Path otherOut = folder.resolve("other" + pair);
            Process one = GatedVarve.start(varve, gate, AT, out, backup());
            Process other = GatedVarve.start(varve, gate, AT, otherOut, backup());
            try {
                Awaitility.await()
                        .atMost(LONGEST_SECONDS, TimeUnit.SECONDS)
                        .until(() -> !one.isAlive() || !other.isAlive());
                boolean oneLost = !one.isAlive();
                Process winner = oneLost ? other : one;
                Process loser = oneLost ? one : other;
                GatedVarve.awaitReached(gate, winner, oneLost ? otherOut : out);
                GatedVarve.open(gate);
                assertThat(winner.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)).isTrue();

                String said = GatedVarve.errors(oneLost ? out : otherOut);
                assertThat(loser.exitValue()).as("pair %d: %s", pair, said).isEqualTo(11);
                assertThat(said).contains("process " + winner.pid());
                assertThat(winner.exitValue())
                        .as(GatedVarve.errors(oneLost ? otherOut : out))
                        .isZero();
            } finally {
                one.destroyForcibly();
                other.destroyForcibly();
            }
        }
        assertRunsCompleted(pairs());
    }

    @Test
    void ofTwoLongLivedProcessesOneRunsInEachRound() throws Exception {
        Path gate = folder.resolve("gate");
        List<Process> processes =
                List.of(
                        GatedVarve.start(varve, gate, AT, folder.resolve("one")),
                        GatedVarve.start(varve, gate, AT, folder.resolve("other")));
        try {
            List<BufferedReader> answers = processes.stream().map(Process::inputReader).toList();
            for (BufferedReader answer : answers) {
                assertThat(answer.readLine()).isEqualTo("ready");
            }
            for (int round = 0; round < rounds(); round++) {
                Files.deleteIfExists(gate);
                for (Process process : processes) {
                    process.outputWriter().write(String.join(" ", backup()) + "\n");
                    process.outputWriter().flush();
                }
                assertThat(play(gate, answers)).as("round %d", round).containsExactly(0, 11);
            }
        } finally {
            processes.forEach(Process::destroyForcibly);
        }
        assertRunsCompleted(rounds());
    }

    /** Opens the gate when one has lost; the winner's exit code comes first. */
    private static List<Integer> play(Path gate, List<BufferedReader> answers) throws Exception {
        List<CompletableFuture<Integer>> codes =
                answers.stream()
                        .map(
                                answer ->
                                        CompletableFuture.supplyAsync(
                                                () -> exitCode(answer),
                                                runnable -> Thread.ofVirtual().start(runnable)))
                        .toList();
        int loser =
                (int)
                        CompletableFuture.anyOf(codes.toArray(CompletableFuture[]::new))
                                .get(LONGEST_SECONDS, TimeUnit.SECONDS);
        GatedVarve.open(gate);
        int sum = 0;
        for (CompletableFuture<Integer> code : codes) {
            sum += code.get(LONGEST_SECONDS, TimeUnit.SECONDS);
        }
        return List.of(sum - loser, loser);
    }

    /** Before it come the documents of the command. */
    private static int exitCode(BufferedReader answer) {
        try {
            String line = answer.readLine();
            while (!line.startsWith("exit ")) {
                line = answer.readLine();
            }
            return Integer.parseInt(line.substring("exit ".length()));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void assertRunsCompleted(int runs) {
        Result history = varve.run("job", "list", "--json");
        assertThat(history.json()).hasSize(runs);
        for (JsonNode execution : history.json()) {
            assertThat(execution.get("status").asString()).isEqualTo("COMPLETED");
        }
        assertThat(varve.run("backup", "list", "--json").json()).hasSize(runs);
    }
}
