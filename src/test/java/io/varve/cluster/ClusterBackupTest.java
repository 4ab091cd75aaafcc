package io.varve.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.varve.cluster.ClusterStorage.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The whole way of a backup, as a cluster's user has it: CronJob, launcher, mover, repository. */
@Order(1)
class ClusterBackupTest extends ClusterStorageHarness {

    private static final int MIB = 1 << 20;
    private static final long SEED = 20261129;

    private final Random random = new Random(SEED);
    private final AtomicInteger commands = new AtomicInteger();

    ClusterBackupTest(ControlPlane plane) throws IOException {
        super(plane);
    }

    @Test
    void aSecondBackupReadsWhatTheDriverReportsAndNothingIsLeftBehind(@TempDir Path folder)
            throws IOException {
        try (InstalledVarve varve = InstalledVarve.install(plane, storage, folder, "")) {
            Path volume = claim(varve);
            write(volume, 3 * MIB, text(2 * MIB));
            String first = varve.await(varve.start());
            assertThat(first).contains("FIRST_BACKUP").contains(" 2.0 MiB read");

            write(volume, 20 * MIB, text(100));
            String hash = hash(volume);
            String second = varve.await(varve.start());
            assertThat(second).contains("incremental on").contains(" 1.0 MiB read");

            List<JsonNode> backups = backups(varve);
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
    void aKilledMoverAndAKilledLauncherAreFollowedByPodsThatGoOn(@TempDir Path folder)
            throws IOException {
        try (InstalledVarve varve = InstalledVarve.install(plane, storage, folder, "")) {
            Path volume = claim(varve);
            write(volume, 0, text(24 * MIB));
            Job job = varve.start();
            varve.node().kill(Waiting.until("a mover", varve::runningMover));
            Pod launcher =
                    Waiting.until(
                            "a second launcher",
                            () ->
                                    varve.pods(job).stream()
                                            .filter(InstalledVarve::isRunning)
                                            .filter(pod -> varve.pods(job).size() > 1)
                                            .findFirst());
            Waiting.until("a second mover", varve::runningMover);
            varve.node().kill(launcher);
            varve.await(job);

            List<JsonNode> backups = backups(varve);
            assertThat(backups).hasSize(1);
            assertThat(varve.hash(backups.getFirst().path("backupId").asString()))
                    .isEqualTo(hash(volume));
            assertThat(varve.pods(job)).hasSize(3);
            assertThat(varve.leftovers()).isEmpty();
            assertThat(storage.control(Part.DRIVER).snapshots()).hasSize(1);
            assertThat(storage.control(Part.DRIVER).volumes()).hasSize(2);
        }
    }

    @Test
    void allSnapshotsAreTakenAtTheStartAndMoversWaitForTheirNode(@TempDir Path folder)
            throws IOException {
        String more = "snapshot: {when: early}\nconcurrency: {total: 1, perNode: 1}";
        try (InstalledVarve varve = InstalledVarve.install(plane, storage, folder, more)) {
            write(claim(varve), 0, text(MIB));
            write(claim(varve, "more"), 0, text(MIB));
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

            assertThat(varve.await(job)).contains("2 of 2 volumes backed up");
            assertThat(backups(varve)).hasSize(2);
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
        return claim(varve, "data");
    }

    private Path claim(InstalledVarve varve, String name) throws IOException {
        HasMetadata claim =
                varve.make(
                        """
                        {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {namespace: "%s", name: %s}, spec: {
                          storageClassName: "%s", volumeMode: Block, accessModes: [ReadWriteOnce], resources: {requests: {storage: 32Mi}}}}
                        """
                                .formatted(varve.tenant(), name, storage.driver()));
        return storage.volume(boundVolume(claim));
    }

    private static String hash(Path file) throws IOException {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<JsonNode> backups(InstalledVarve varve) throws IOException {
        String printed =
                varve.run(
                        "list-" + commands.incrementAndGet(), List.of("backup", "list", "--json"));
        String document =
                printed.lines().filter(line -> line.startsWith("[")).findFirst().orElseThrow();
        return JsonMapper.shared().readTree(document).valueStream().toList();
    }

    private String text(int bytes) {
        byte[] some = new byte[bytes / 2];
        random.nextBytes(some);
        return HexFormat.of().formatHex(some);
    }
}
