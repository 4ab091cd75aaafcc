package io.varve.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.KeptRepositories;
import io.varve.SeededImage;
import io.varve.app.VarveInProcess;
import io.varve.app.VarveInProcess.Result;
import io.varve.database.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: a process that was only asleep commits nothing once another one has its lease. Method: one
 * is paused with SIGSTOP past its lease, in the middle of its work; the same command takes the work
 * over and ends it; then the first one wakes. On PostgreSQL: the file of H2 stays locked by a
 * paused process.
 */
class PausedProcessIT {

    private static final int BLOCKS = 120;

    @TempDir private Path folder;
    private SeededImage image;
    private VarveInProcess varve;

    @BeforeEach
    void createRepository() throws IOException {
        Map<String, String> environment =
                new HashMap<>(TestDatabase.POSTGRESQL.create(folder).environment());
        environment.put("VARVE_LEASE_SECONDS", "3");
        varve = new VarveInProcess(folder).with(environment);
        image = SeededImage.create(folder.resolve("disk.img"), BLOCKS, 1);
        assertThat(varve.run("repository", "create").code()).isZero();
    }

    private String[] backup() {
        return new String[] {
            "backup", "run", "--json", "--device", image.path().toString(), "--volume", "disk"
        };
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // In the transaction of a checkpoint, behind the check of its lease.
                "commit:before:12",
                "put=p:before:2",
                "step=publish:before:1",
                // Between the proof's index and the manifest.
                "put=xn:before:1",
            })
    void onlyTheProcessThatTookTheWorkOverPublishes(String at) throws Exception {
        Path gate = folder.resolve("gate");
        Path out = folder.resolve("paused.out");
        Process paused = GatedVarve.start(varve, gate, at, out, backup());
        Result taken;
        try {
            GatedVarve.awaitReached(gate, paused, out);
            GatedVarve.signal("STOP", paused);

            taken = varve.run(backup());

            GatedVarve.open(gate);
            GatedVarve.signal("CONT", paused);
            assertThat(paused.waitFor(60, TimeUnit.SECONDS)).isTrue();
        } finally {
            paused.destroyForcibly();
        }
        assertThat(taken.code()).as(taken.err()).isZero();
        assertThat(taken.json().get("resumed").asBoolean()).isTrue();
        assertThat(paused.exitValue()).as(GatedVarve.errors(out)).isEqualTo(11);
        assertThat(GatedVarve.errors(out)).contains("lost the lease of the backup of disk");
        assertThat(varve.run("job", "list", "--json").json())
                .extracting(row -> row.get("status").asString())
                .containsExactly("COMPLETED", "FAILED");
        assertOneWholeBackup(taken.json().get("backupId").asString());
        KeptRepositories.keep(
                "paused-" + at.replaceAll("[^a-z0-9]+", "-"),
                folder.resolve("repository"),
                varve.password());
    }

    private void assertOneWholeBackup(String id) throws IOException {
        assertThat(varve.run("backup", "list", "--json").json())
                .extracting(row -> row.get("backupId").asString())
                .containsExactly(id);
        Path restored = folder.resolve("restored.img");
        Result result = varve.run("restore", "run", id, "--to-device", restored.toString());
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(Files.mismatch(image.path(), restored)).isEqualTo(-1);
        Result verified = varve.run("verify", "run", "--read-data", "100");
        assertThat(verified.code()).as(verified.out()).isZero();
    }
}
