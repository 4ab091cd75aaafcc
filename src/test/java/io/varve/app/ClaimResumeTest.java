package io.varve.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.SeededImage;
import io.varve.app.VarveInProcess.Result;
import io.varve.crash.Moment.Event;
import io.varve.crash.Moment.When;
import io.varve.crash.WatchedOpeners;
import io.varve.database.TestDatabase;
import io.varve.database.TestDatabase.Address;
import io.varve.job.ClaimBackup;
import io.varve.kube.claim.SourceClaim;
import io.varve.kube.claim.VolumeMode;
import io.varve.mover.block.BackupRequest;
import io.varve.mover.block.BackupType;
import io.varve.mover.block.CbtMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import tools.jackson.databind.json.JsonMapper;

/** A claim's run goes on only with the definition that it is of: without it, nothing is touched. */
class ClaimResumeTest {

    private @TempDir Path folder;
    private VarveInProcess varve;
    private JdbcTemplate rows;

    /** A stopped run of a device, whose rows are made those of a claim's. */
    @BeforeEach
    void stopABackup() throws IOException {
        Address address = TestDatabase.POSTGRESQL.create(folder);
        varve = new VarveInProcess(folder).with(address.environment());
        SeededImage image = SeededImage.create(folder.resolve("disk.img"), 20, 1);
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
        String device = image.path().toString();
        assertThat(varve.run(stopping, stop, "backup", "run", "--device", device).code())
                .isEqualTo(75);
        rows =
                new JdbcTemplate(
                        new DriverManagerDataSource(
                                address.url(), address.user(), address.password()));
        rows.update("UPDATE varve_run SET request = ?", claim());
        rows.update("INSERT INTO varve_claim_run (run_id) SELECT run_id FROM varve_run");
    }

    private static String claim() {
        SourceClaim claim =
                new SourceClaim(
                        "shop",
                        "data",
                        "uid-1",
                        Map.of(),
                        "fast",
                        List.of("ReadWriteOnce"),
                        VolumeMode.BLOCK,
                        "",
                        20 << 20,
                        "driver",
                        "volume-1",
                        "pv-1",
                        false);
        return JsonMapper.shared()
                .writeValueAsString(
                        new ClaimBackup(
                                "prod",
                                claim,
                                BackupType.INCREMENTAL,
                                BackupRequest.PARENT_AUTO,
                                CbtMode.AUTO,
                                "",
                                "nightly"));
    }

    private String definition(String name, String cluster) throws IOException {
        return Files.writeString(
                        folder.resolve(name + ".yaml"),
                        """
                        version: 1
                        name: %s
                        cluster: %s
                        namespace: varve
                        image: registry.example.com/varve:1
                        repository: {location: "file:///srv/backup", claim: backup, password: {secret: r, key: p}}
                        database: {url: "jdbc:postgresql://db/varve", user: {secret: d, key: u}, password: {secret: d, key: p}}
                        volumes: [{namespaces: [shop]}]
                        """
                                .formatted(name, cluster))
                .toString();
    }

    @Test
    void withoutTheDefinitionItSaysWhichOneIsNeeded() throws IOException {
        Result refused = varve.run("job", "resume", "1");

        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err())
                .contains("claim shop/data and definition nightly", "--definition FILE");
    }

    @Test
    void anotherDefinitionOrClusterIsRefused() throws IOException {
        Result other =
                varve.run("job", "resume", "1", "--definition", definition("weekly", "prod"));
        Result elsewhere =
                varve.run("job", "resume", "1", "--definition", definition("nightly", "test"));

        assertThat(other.code()).isEqualTo(2);
        assertThat(other.err()).contains("definition nightly in cluster prod", "definition weekly");
        assertThat(elsewhere.code()).isEqualTo(2);
        assertThat(elsewhere.err()).contains("in cluster test");
    }

    @Test
    void aPreviewBeginsAnewAndIsNeverResumed() throws IOException {
        rows.update("UPDATE varve_run SET kind = 'PREVIEW'");

        Result refused = varve.run("job", "resume", "1");

        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("execution 1 is a preview");
    }

    @Test
    void aRunThatIsGivenUpNeedsNoDefinition() throws IOException {
        Result abandoned = varve.run("job", "abandon", "1", "--json");

        assertThat(abandoned.code()).as(abandoned.err()).isZero();
        assertThat(abandoned.json().get("run").get("status").asString()).isEqualTo("ABANDONED");
    }
}
