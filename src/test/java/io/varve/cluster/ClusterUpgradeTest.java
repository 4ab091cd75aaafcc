package io.varve.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;

/** A release is replaced by the next one, whose database has one migration more. */
@Order(1)
class ClusterUpgradeTest extends ClusterStorageHarness {

    private static final long MIB = 1 << 20;

    /** Of each stream some packs of 20 MiB. */
    private static final int BLOCKS = 384;

    private static final long SEED = 20261201;

    ClusterUpgradeTest(ControlPlane plane) throws IOException {
        super(plane);
    }

    /**
     * Goal: whatever of the old release still runs, or starts late, harms nothing, and the new one
     * goes on where the old one was. Method: a mover hangs while the release around it is replaced.
     */
    @Test
    void aRunThatAnOldReleaseBeganIsEndedByTheNextOne(@TempDir Path folder) throws IOException {
        try (InstalledVarve varve = InstalledVarve.install(plane, storage, folder, "")) {
            Path volume = tenantClaim(varve, "data", BLOCKS + "Mi");
            fill(volume, BLOCKS, new Random(SEED));
            Job old = varve.start();
            Pod oldMover = varve.hangAtCheckpoint(0);

            varve.upgrade();
            assertThat(varve.run("migrate", List.of("database", "migrate", "--json")))
                    .contains("\"to\":\"1000\"");
            varve.node().kill(varve.jobs().running(old, 0));
            // Its next pod is of the image that the Job was made with.
            assertThat(varve.jobs().awaitFailure(old))
                    .contains("has version 1000, which a newer Varve made; this one knows");
            assertThat(varve.jobs().of(old)).hasSize(2);

            // What copies goes on, on a schema with more in it than it knows.
            int staged = varve.staged();
            varve.node().wake(oldMover);
            varve.hangAtCheckpoint(staged);
            staged = varve.staged();
            assertThat(staged).as("too fast to be stopped").isLessThan(BLOCKS);

            Job next = varve.start();
            Waiting.until(
                    "the end of the old mover",
                    () -> Optional.of(oldMover).filter(this::isToBeDeleted));
            varve.node().wake(oldMover);
            Pod nextMover = Waiting.until("a mover", () -> moverOf(varve, InstalledImage.NEXT));
            varve.node().hang(nextMover);
            aLateMoverOfTheOldReleaseDoesNothing(varve);
            varve.node().wake(nextMover);

            assertThat(varve.jobs().await(next)).contains("resumed");
            assertThat(versions(varve.database())).containsExactly("1", "2");
            assertThat(read(varve.database())).isLessThanOrEqualTo((BLOCKS - staged) * MIB);
            assertThat(varve.backups()).hasSize(1);
            assertThat(varve.hash(varve.backups().getFirst().path("backupId").asString()))
                    .isEqualTo(hash(volume));
            assertThat(varve.leftovers()).isEmpty();
        }
    }

    /** A node may have an old image under the tag that a launcher names. */
    private static void aLateMoverOfTheOldReleaseDoesNothing(InstalledVarve varve)
            throws IOException {
        JdbcTemplate database = varve.database();
        int before = varve.staged();
        Job late =
                varve.startOnce(
                        "late",
                        InstalledImage.FIRST,
                        List.of(
                                "mover",
                                "run",
                                "--execution",
                                one(
                                        database,
                                        "SELECT MAX(job_execution_id) FROM varve_run_execution"),
                                "--token",
                                one(database, "SELECT MAX(token) FROM varve_lease"),
                                "--device",
                                "/dev/null"));

        assertThat(varve.jobs().awaitFailure(late))
                .contains("was begun by version 2, this mover is version 1; run again");
        assertThat(varve.jobs().exitCode(late)).isEqualTo(75);
        assertThat(varve.staged()).isEqualTo(before);
    }

    private static long read(JdbcTemplate database) {
        return Long.parseLong(
                one(
                        database,
                        "SELECT bytes_read FROM varve_run_execution ORDER BY job_execution_id DESC LIMIT 1"));
    }

    private static List<String> versions(JdbcTemplate database) {
        return database.queryForList(
                "SELECT version FROM varve_run_execution ORDER BY job_execution_id", String.class);
    }

    private static String one(JdbcTemplate database, String query) {
        return String.valueOf(database.queryForObject(query, Object.class));
    }

    private static Optional<Pod> moverOf(InstalledVarve varve, InstalledImage image) {
        return varve.runningMover()
                .filter(
                        pod ->
                                pod.getSpec()
                                        .getContainers()
                                        .getFirst()
                                        .getImage()
                                        .equals(image.name()));
    }
}
