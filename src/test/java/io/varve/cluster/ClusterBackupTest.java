package io.varve.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.varve.blob.s3.NeedsS3Server;
import io.varve.blob.s3.S3Server;
import io.varve.cluster.ClusterStorage.Part;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.JsonNode;

/** The whole way of a backup, as a cluster's user has it: CronJob, launcher, mover, repository. */
@Order(1)
class ClusterBackupTest extends ClusterStorageHarness {

    private static final int MIB = 1 << 20;
    private static final long SEED = 20261129;

    private final Random random = new Random(SEED);

    ClusterBackupTest(ControlPlane plane) throws IOException {
        super(plane);
    }

    @Test
    void aSecondBackupReadsWhatTheDriverReportsAndNothingIsLeftBehind(@TempDir Path folder)
            throws IOException {
        try (InstalledVarve varve = InstalledVarve.install(plane, storage, folder, "")) {
            Path volume = claim(varve);
            write(volume, 3 * MIB, text(2 * MIB));
            String first = varve.jobs().await(varve.start());
            assertThat(first).contains("FIRST_BACKUP").contains(" 2.0 MiB read");

            write(volume, 20 * MIB, text(100));
            String hash = hash(volume);
            String second = varve.jobs().await(varve.start());
            assertThat(second).contains("incremental on").contains(" 1.0 MiB read");

            List<JsonNode> backups = varve.backups();
            assertThat(backups)
                    .extracting(each -> each.path("type").asString())
                    .containsExactly("INCREMENTAL", "FULL");
            assertThat(varve.hash(backups.getFirst().path("backupId").asString())).isEqualTo(hash);
            assertThat(varve.leftovers()).isEmpty();
            // The newer one's base, and no other; the claim's volume and the repository's.
            assertThat(storage.control(Part.DRIVER).snapshots()).hasSize(1);
            assertThat(storage.control(Part.DRIVER).volumes()).hasSize(2);
            assertThat(varve.run("sweep", List.of("sweep", "--json")))
                    .contains("\"deleted\":[],\"left\":[]")
                    .contains(backups.getFirst().path("backupId").asString());
            assertThat(news(varve.tenant()))
                    .extracting(Event::getReason)
                    .containsExactly(
                            "BackupStarted", "BackupCompleted", "BackupStarted", "BackupCompleted");
        }
    }

    @Test
    void aDriverThatLeavesAChangeOutIsFoundAndNotAskedAgain(@TempDir Path folder)
            throws IOException {
        try (InstalledVarve varve =
                InstalledVarve.install(plane, storage, folder, "compareEvery: 2")) {
            Path volume = claim(varve);
            write(volume, 0, text(MIB));
            varve.jobs().await(varve.start());

            // The driver compares with the base that it kept: there it finds the same.
            String change = text(100);
            String base = storage.control(Part.DRIVER).snapshots().get(0).path("id").asString();
            write(storage.snapshot(base), 20 * MIB, change);
            write(volume, 20 * MIB, change);
            String found = varve.jobs().await(varve.start());
            String next = varve.jobs().await(varve.start());

            assertThat(found).contains("TRACKING_WRONG").contains(" 32.0 MiB read");
            assertThat(next).contains("TRACKING_DISTRUSTED").contains(" 32.0 MiB read");
            List<JsonNode> backups = varve.backups();
            String wrong = backups.get(1).path("backupId").asString();
            assertThat(varve.hash(wrong)).isEqualTo(hash(volume));
            assertThat(varve.run("show", List.of("backup", "show", wrong)))
                    .contains("TRACKING_WRONG", "told no change there: 1, at byte 20971520");
            assertThat(news(varve.tenant()))
                    .extracting(Event::getReason)
                    .contains("ChangedBlocksWrong");
            assertThat(varve.leftovers()).isEmpty();
        }
    }

    @Test
    @NeedsS3Server
    void aKilledMoverAndAKilledLauncherAreFollowedByPodsThatGoOnInABucket(
            @TempDir Path folder, @TempDir Path servers) throws IOException {
        try (S3Server server = S3Server.start(servers);
                InstalledVarve varve =
                        InstalledVarve.install(
                                plane,
                                storage,
                                folder,
                                InstalledRepository.inBucket(server.bucket("backups")),
                                "")) {
            Path volume = claim(varve);
            write(volume, 0, text(24 * MIB));
            Job job = varve.start();
            varve.node().kill(Waiting.until("a mover", varve::runningMover));
            Pod launcher = varve.jobs().running(job, 1);
            Waiting.until("a second mover", varve::runningMover);
            varve.node().kill(launcher);
            varve.jobs().await(job);

            List<JsonNode> backups = varve.backups();
            assertThat(backups).hasSize(1);
            assertThat(varve.hash(backups.getFirst().path("backupId").asString()))
                    .isEqualTo(hash(volume));
            assertThat(varve.jobs().of(job)).hasSize(3);
            assertThat(varve.leftovers()).isEmpty();
            assertThat(storage.control(Part.DRIVER).snapshots()).hasSize(1);
            assertThat(storage.control(Part.DRIVER).volumes()).hasSize(1);
        }
    }

    @Test
    void allSnapshotsAreTakenAtTheStartAndMoversWaitForTheirNode(@TempDir Path folder)
            throws IOException {
        String more = "snapshot: {when: early}\nconcurrency: {total: 1, perNode: 1}";
        try (InstalledVarve varve = InstalledVarve.install(plane, storage, folder, more)) {
            write(claim(varve), 0, text(MIB));
            write(tenantClaim(varve, "more", "32Mi"), 0, text(MIB));
            // Also makes the tables.
            assertThat(varve.run("history", List.of("job", "list", "--json"))).contains("[]");
            JdbcTemplate database = varve.database();
            occupy(database, varve.node().name());

            Job job = varve.start();
            Waiting.until(
                    "a mover that waits",
                    () ->
                            database
                                    .queryForList(
                                            "SELECT node FROM varve_node_slot WHERE taken_at IS NULL",
                                            String.class)
                                    .stream()
                                    .findFirst());
            assertThat(storage.control(Part.DRIVER).snapshots()).hasSize(2);
            assertThat(
                            database.queryForObject(
                                    "SELECT SUM(bytes_read) FROM varve_run_execution", Long.class))
                    .isZero();
            database.update("DELETE FROM varve_node_slot WHERE run_id = 'other'");

            assertThat(varve.jobs().await(job)).contains("2 of 2 volumes backed up");
            assertThat(varve.backups()).hasSize(2);
            assertThat(varve.leftovers()).isEmpty();
            assertThat(database.queryForList("SELECT node FROM varve_node_slot")).isEmpty();
        }
    }

    /** As a mover of somebody else's does. */
    private static void occupy(JdbcTemplate database, String node) {
        database.update(
                """
                INSERT INTO varve_run (run_id, kind, repository_id, volume, fingerprint, request, status,
                    created_at, warnings)
                VALUES ('other', 'RESTORE', 'other', 'other', ?, '{}', 'RUNNING', CURRENT_TIMESTAMP, '[]')
                """,
                "0".repeat(64));
        database.update(
                """
                INSERT INTO varve_node_slot (run_id, job_execution_id, node, asked_at, taken_at, expires_at)
                VALUES ('other', 0, ?, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP,
                    CURRENT_TIMESTAMP + INTERVAL '1' HOUR)
                """,
                node);
    }

    private Path claim(InstalledVarve varve) throws IOException {
        return tenantClaim(varve, "data", "32Mi");
    }

    private String text(int bytes) {
        byte[] some = new byte[bytes / 2];
        random.nextBytes(some);
        return HexFormat.of().formatHex(some);
    }
}
