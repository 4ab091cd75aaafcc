package io.varve.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.varve.SeededImage;
import io.varve.app.VarveInProcess.Result;
import io.varve.catalog.Lease;
import io.varve.catalog.LeaseName;
import io.varve.catalog.Leases;
import io.varve.catalog.Owner;
import io.varve.catalog.Run;
import io.varve.crash.Moment.Event;
import io.varve.crash.Moment.When;
import io.varve.crash.WatchedOpeners;
import io.varve.database.EveryDatabase;
import io.varve.database.TestDatabase;
import io.varve.database.TestDatabase.Address;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** A run that an operator gave up is never resumed, and leaves nothing in the way of the next. */
@EveryDatabase
class JobAbandonTest {

    private final TestDatabase kind;
    private @TempDir Path folder;
    private Address address;
    private VarveInProcess varve;
    private SeededImage image;

    JobAbandonTest(TestDatabase kind) {
        this.kind = kind;
    }

    @BeforeEach
    void stopABackup() throws IOException {
        address = kind.create(folder);
        varve = new VarveInProcess(folder).with(address.environment());
        image = SeededImage.create(folder.resolve("disk.img"), 100, 1);
        assertThat(varve.run("repository", "create").code()).isZero();
        GracefulStop stop = new GracefulStop();
        Openers stopping =
                WatchedOpeners.watchedBy(
                        moment -> {
                            if (moment.event() == Event.PUT
                                    && moment.when() == When.AFTER
                                    && moment.name().startsWith("p")) {
                                stop.signal().request();
                            }
                        });
        assertThat(varve.run(stopping, stop, backup()).code()).isEqualTo(75);
        assertThat(stagedRows()).isPositive();
    }

    private String[] backup() {
        return new String[] {
            "backup", "run", "--json", "--device", image.path().toString(), "--volume", "disk"
        };
    }

    private DriverManagerDataSource database() {
        return new DriverManagerDataSource(address.url(), address.user(), address.password());
    }

    private long stagedRows() {
        Long rows =
                new JdbcTemplate(database())
                        .queryForObject("SELECT COUNT(*) FROM varve_staged_block", Long.class);
        return rows == null ? 0 : rows;
    }

    @Test
    void nothingResumesItAndTheNextBackupBeginsAnew() throws IOException {
        Result abandoned = varve.run("job", "abandon", "1", "--json");

        assertThat(abandoned.code()).as(abandoned.err()).isZero();
        assertThat(abandoned.json().get("run").get("status").asString()).isEqualTo("ABANDONED");
        assertThat(abandoned.json().get("execution").get("status").asString())
                .isEqualTo("ABANDONED");
        assertThat(stagedRows()).isZero();
        assertThat(varve.run("job", "resume", "1").code()).isEqualTo(2);
        assertThat(varve.run("job", "abandon", "1").code()).isEqualTo(2);

        Result next = varve.run(backup());

        assertThat(next.code()).as(next.err()).isZero();
        assertThat(next.json().get("resumed").asBoolean()).isFalse();
        assertThat(next.json().get("warnings")).isEmpty();
        Path restored = folder.resolve("restored.img");
        String id = next.json().get("backupId").asString();
        assertThat(varve.run("restore", "run", id, "--to-device", restored.toString()).code())
                .isZero();
        assertThat(Files.mismatch(image.path(), restored)).isEqualTo(-1);
        // That run has nothing left to give up.
        assertThat(varve.run("job", "abandon", "2").code()).isEqualTo(2);
    }

    /** Of whoever holds its lease and renews it; on H2 nobody else can have the database open. */
    @Test
    void aRunThatAnotherProcessWorksOnIsNotGivenUp() throws Exception {
        assumeThat(kind).isEqualTo(TestDatabase.POSTGRESQL);
        Leases leases = new Leases(JdbcClient.create(database()), Duration.ofSeconds(20));
        String repository =
                new JdbcTemplate(database())
                        .queryForObject("SELECT repository_id FROM varve_run", String.class);
        LeaseName name = new LeaseName(Run.Kind.BACKUP, "" + repository, "disk");
        Lease lease =
                leases.tryAcquire(name, new Owner("elsewhere", "other-host", 4711)).orElseThrow();
        var renewing =
                CompletableFuture.runAsync(
                        () -> leases.renew(lease),
                        CompletableFuture.delayedExecutor(4, TimeUnit.SECONDS));

        Result refused = varve.run("job", "abandon", "1");

        renewing.join();
        assertThat(refused.code()).isEqualTo(11);
        assertThat(refused.err()).contains("process 4711 on other-host");
        assertThat(stagedRows()).isPositive();
    }
}
