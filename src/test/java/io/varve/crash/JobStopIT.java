package io.varve.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.SeededImage;
import io.varve.app.VarveInProcess;
import io.varve.app.VarveInProcess.Result;
import io.varve.database.EveryDatabase;
import io.varve.database.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Goal: a run is watched and stopped from another process, also where that one cannot open the
 * database. Method: a second JVM waits at a gate in its transfer; the commands run in this one.
 */
@EveryDatabase
class JobStopIT {

    private static final int BLOCKS = 120;

    private final TestDatabase kind;
    private @TempDir Path folder;
    private SeededImage image;
    private VarveInProcess varve;

    JobStopIT(TestDatabase kind) {
        this.kind = kind;
    }

    @BeforeEach
    void createRepository() throws IOException {
        varve = new VarveInProcess(folder).with(kind.create(folder).environment());
        image = SeededImage.create(folder.resolve("disk.img"), BLOCKS, 1);
        assertThat(varve.run("repository", "create").code()).isZero();
    }

    @Test
    void aRunIsWatchedAndStoppedFromAnotherProcessAndResumed() throws Exception {
        Path gate = folder.resolve("gate");
        Path out = folder.resolve("out");
        Process run =
                GatedVarve.start(
                        varve,
                        gate,
                        "put=p:before:2",
                        out,
                        "backup",
                        "run",
                        "--device",
                        image.path().toString(),
                        "--volume",
                        "disk");
        String number;
        try {
            GatedVarve.awaitReached(gate, run, out);
            JsonNode listed = varve.run("job", "list", "--json").json();
            assertThat(listed).hasSize(1);
            assertThat(listed.get(0).get("status").asString()).isEqualTo("STARTED");
            assertThat(listed.get(0).get("pid").asLong()).isEqualTo(run.pid());
            number = listed.get(0).get("jobExecutionId").asString();
            var followed =
                    CompletableFuture.supplyAsync(
                            () -> varve.run("job", "show", number, "--follow", "--json"),
                            task -> Thread.ofPlatform().start(task));
            var stop =
                    CompletableFuture.supplyAsync(
                            () -> varve.run("job", "stop", number, "--json"),
                            task -> Thread.ofPlatform().start(task));
            // It waits for the run, which waits at its gate.
            assertThat(stop).failsWithin(4, TimeUnit.SECONDS);
            GatedVarve.open(gate);

            assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(run.exitValue()).as(GatedVarve.errors(out)).isEqualTo(75);
            Result stopped = stop.get(30, TimeUnit.SECONDS);
            assertThat(stopped.code()).as(stopped.err()).isZero();
            assertThat(stopped.json().get("status").asString()).isEqualTo("STOPPED");
            Result seen = followed.get(30, TimeUnit.SECONDS);
            assertThat(seen.err()).contains("disk: ").contains(" of 80.0 MiB");
            assertThat(seen.json().get("execution").get("status").asString()).isEqualTo("STOPPED");
        } finally {
            run.destroyForcibly();
        }
        assertThat(varve.run("job", "stop", number).code()).isEqualTo(2);
        assertResumes(number);
    }

    private void assertResumes(String number) throws IOException {
        Result resumed = varve.run("job", "resume", number, "--json");
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(resumed.json().get("resumed").asBoolean()).isTrue();
        Path restored = folder.resolve("restored.img");
        varve.run(
                "restore",
                "run",
                resumed.json().get("backupId").asString(),
                "--to-device",
                restored.toString());
        assertThat(Files.mismatch(image.path(), restored)).isEqualTo(-1);
    }
}
