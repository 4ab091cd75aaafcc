package io.varve.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.SeededImage;
import io.varve.app.VarveInProcess.Result;
import io.varve.crash.Moment.Event;
import io.varve.crash.Moment.When;
import io.varve.crash.WatchedOpeners;
import io.varve.database.TcpProxy;
import io.varve.database.TestDatabase;
import io.varve.database.TestDatabase.Address;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Goal: whatever befalls the database in the middle of a run, the run goes on by itself or can be
 * resumed, and no row stays that says neither. Method: a real PostgreSQL behind a proxy; trouble
 * begins right before the second pack is put. The system property {@code varve.outage} says for how
 * many seconds the database is gone.
 */
class DatabaseTroubleTest {

    private static final int BLOCKS = 150;
    private static final int OUTAGE_SECONDS = Integer.getInteger("varve.outage", 4);

    @TempDir private Path folder;
    private Address address;
    private TcpProxy proxy;
    private VarveInProcess varve;
    private SeededImage image;

    @BeforeEach
    void createRepository() throws IOException {
        address = TestDatabase.POSTGRESQL.create(folder);
        URI server = URI.create(address.url().substring("jdbc:".length()));
        proxy = new TcpProxy(server.getPort());
        Map<String, String> environment = new HashMap<>(address.environment());
        environment.put(
                "VARVE_DATABASE_URL",
                "jdbc:postgresql://localhost:%d%s".formatted(proxy.port(), server.getPath()));
        varve = new VarveInProcess(folder).with(environment);
        image = SeededImage.create(folder.resolve("disk.img"), BLOCKS, 1);
        assertThat(varve.run("repository", "create").code()).isZero();
    }

    @AfterEach
    void closeProxy() throws IOException {
        proxy.close();
    }

    private String[] backup() {
        return new String[] {
            "backup", "run", "--json", "--device", image.path().toString(), "--volume", "disk"
        };
    }

    /** Something that befalls the database. */
    private interface Trouble {
        void begin() throws Exception;
    }

    private Openers with(Trouble trouble) {
        AtomicInteger packs = new AtomicInteger();
        return WatchedOpeners.watchedBy(
                moment -> {
                    boolean pack =
                            moment.event() == Event.PUT
                                    && moment.when() == When.BEFORE
                                    && moment.name().startsWith("p");
                    if (pack && packs.incrementAndGet() == 2) {
                        try {
                            trouble.begin();
                        } catch (IOException | RuntimeException e) {
                            throw e;
                        } catch (Exception e) {
                            throw new IOException(e);
                        }
                    }
                });
    }

    private void sql(String... statements) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(address.url(), address.user(), "");
                Statement statement = connection.createStatement()) {
            for (String text : statements) {
                statement.execute(text);
            }
        }
    }

    /** The first so many inserts of staged blocks fail with this SQL state. */
    private void failInserts(String state, int times) throws SQLException {
        sql(
                "CREATE SEQUENCE failures",
                """
                CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF nextval('failures') <= %d THEN
                        RAISE EXCEPTION 'injected' USING ERRCODE = '%s';
                    END IF;
                    RETURN NEW;
                END $$"""
                        .formatted(times, state),
                "CREATE TRIGGER fail BEFORE INSERT ON varve_staged_block FOR EACH ROW EXECUTE FUNCTION fail()");
    }

    private void assertCompleted(Result result, int executions) throws IOException {
        assertThat(result.code()).as(result.err()).isZero();
        JsonNode history = varve.run("job", "list", "--json").json();
        assertThat(history).hasSizeGreaterThanOrEqualTo(executions);
        assertThat(history.get(0).get("status").asString()).isEqualTo("COMPLETED");
        for (int i = 1; i < history.size(); i++) {
            assertThat(history.get(i).get("status").asString()).isEqualTo("FAILED");
            assertThat(history.get(i).get("exitMessage").asString()).isNotBlank();
        }
        assertThat(varve.run("backup", "list", "--json").json()).hasSize(1);
        Path restored = folder.resolve("restored.img");
        String id = result.json().get("backupId").asString();
        Result restore = varve.run("restore", "run", id, "--to-device", restored.toString());
        assertThat(restore.code()).as(restore.err()).isZero();
        assertThat(Files.mismatch(image.path(), restored)).isEqualTo(-1);
    }

    @Test
    void aCutConnectionCostsAChunk() throws Exception {
        Result result =
                varve.run(
                        with(
                                () ->
                                        sql(
                                                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'varve'")),
                        backup());
        assertCompleted(result, 2);
        assertThat(result.json().get("resumed").asBoolean()).isTrue();
    }

    @Test
    void aDatabaseThatComesBackIsWaitedFor() throws Exception {
        Result result =
                varve.run(
                        with(
                                () -> {
                                    proxy.down();
                                    var _ =
                                            CompletableFuture.runAsync(
                                                    proxy::up,
                                                    CompletableFuture.delayedExecutor(
                                                            OUTAGE_SECONDS, TimeUnit.SECONDS));
                                }),
                        backup());
        assertCompleted(result, 2);
    }

    @Test
    void aRunThatIsStoppedWhileTheDatabaseIsGoneIsResumed() throws Exception {
        GracefulStop stop = new GracefulStop();
        Result failed =
                varve.run(
                        with(
                                () -> {
                                    proxy.down();
                                    stop.signal().request();
                                }),
                        stop,
                        backup());
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.err()).contains("database").contains("goes on from the last checkpoint");
        proxy.up();

        assertCompleted(varve.run(backup()), 2);
    }

    @Test
    void aTransactionThatOthersForcedBackIsRepeated() throws Exception {
        assertThat(varve.run("job", "list").code()).isZero();
        failInserts("40001", 2);
        assertCompleted(varve.run(backup()), 2);
    }

    @Test
    void oneThatAlwaysFailsEndsTheRunResumable() throws Exception {
        assertThat(varve.run("job", "list").code()).isZero();
        failInserts("40001", 1000);
        Result failed = varve.run(backup());
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.json().get("status").asString()).isEqualTo("FAILED");
        sql("DROP TRIGGER fail ON varve_staged_block");

        assertCompleted(varve.run(backup()), 2);
    }

    /** 53100, disk_full: nobody but an operator mends that. */
    @Test
    void aFullDiskOfTheDatabaseEndsTheRunAtOnce() throws Exception {
        assertThat(varve.run("job", "list").code()).isZero();
        failInserts("53100", 1000);
        Result failed = varve.run(backup());
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.err()).contains("run the same command again");
        assertThat(varve.run("job", "list", "--json").json()).hasSize(1);
        sql("DROP TRIGGER fail ON varve_staged_block");

        assertCompleted(varve.run(backup()), 2);
    }
}
