package io.varve.job.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.job.ClaimBackups;
import io.varve.job.MoverOrder;
import io.varve.job.definition.DefinitionFile;
import io.varve.kube.mover.MoverCommand;
import io.varve.kube.mover.SecretVariable;
import io.varve.mover.block.TrackingTrust;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bounds of a definition arrive where they are kept. */
class ClusterOptionsTest {

    @TempDir Path folder;

    private ClusterOptions options(String more) throws IOException {
        return options(
                "{location: \"file:///backup\", claim: backup, password: {secret: r, key: p}}",
                more);
    }

    private ClusterOptions options(String repository, String more) throws IOException {
        Path file =
                Files.writeString(
                        folder.resolve("nightly.yaml"),
                        """
                        version: 1
                        name: nightly
                        namespace: varve
                        image: varve
                        repository: %s
                        database: {url: "jdbc:postgresql://db/varve", user: {secret: d, key: u}, password: {secret: d, key: p}}
                        volumes: [{namespaces: [shop]}]
                        """
                                        .formatted(repository)
                                + more);
        return new ClusterOptions(
                DefinitionFile.read(file).definition().orElseThrow(), Optional.empty());
    }

    @Test
    void whatIsSaidCounts() throws IOException {
        ClusterOptions options =
                options(
                        """
                        snapshot: {when: early}
                        concurrency: {total: 3, perNode: 2, maxPrepared: 7}
                        limits: {stall: 5m, prepare: 90s, volume: 2h}
                        compareEvery: 7
                        trackingTrusted: [0123456789abcdef0123456789abcdef]
                        """);

        assertThat(options.settings(Optional.of("job")))
                .isEqualTo(
                        new ClaimBackups.Settings(
                                Optional.of("job"),
                                Duration.ofSeconds(90),
                                Duration.ofMinutes(5),
                                Optional.of(Duration.ofHours(2))));
        assertThat(options.atOnce()).isEqualTo(new ClaimQueue.Limits(3, 7, true));
        assertThat(options.volumesAtOnce()).isEqualTo(7);
        assertThat(options.trust())
                .isEqualTo(new TrackingTrust(7, Set.of("0123456789abcdef0123456789abcdef")));
        assertThat(options.command(order(false)).environment())
                .containsEntry("VARVE_PER_NODE", "2");
    }

    /** A Job's pods keep their image when the definition has come to name another. */
    @Test
    void moversAreOfTheImageThatTheirLauncherIs() throws IOException {
        ClusterOptions options = options("");

        assertThat(options.mover().image()).isEqualTo("varve");
        assertThat(
                        new ClusterOptions(options.definition(), Optional.of("varve:old"))
                                .mover()
                                .image())
                .isEqualTo("varve:old");
    }

    @Test
    void whatIsNotSaidHasItsDefault() throws IOException {
        ClusterOptions options = options("");

        assertThat(options.settings(Optional.empty()).longest()).isEmpty();
        assertThat(options.atOnce()).isEqualTo(new ClaimQueue.Limits(2, 4, false));
        assertThat(options.trust()).isEqualTo(new TrackingTrust(30, Set.of()));
        assertThat(options.command(order(false)).environment())
                .containsEntry("VARVE_PER_NODE", "1");
    }

    /** What hashes much is worth a slower start. */
    @Test
    void onlyAMoverWithMuchToHashHasVectors() throws IOException {
        assertThat(options("").command(order(true)).environment())
                .containsEntry("JDK_JAVA_OPTIONS", "--add-modules=jdk.incubator.vector");
        assertThat(options("").command(order(false)).environment())
                .doesNotContainKey("JDK_JAVA_OPTIONS");
    }

    @Test
    void timesAreSaidInHoursMinutesAndSeconds() throws IOException {
        ClusterOptions options =
                options("limits: {snapshotReady: 1h30m, prepare: 90s, gone: 15m, volume: 26h0m1s}");
        assertThat(options.waits().snapshotReady()).isEqualTo(Duration.ofMinutes(90));
        assertThat(options.waits().prepare()).isEqualTo(Duration.ofSeconds(90));
        assertThat(options.waits().gone()).isEqualTo(Duration.ofMinutes(15));
        assertThat(options.settings(Optional.empty()).longest())
                .contains(Duration.ofHours(26).plusSeconds(1));
    }

    /** The other half is for decrypted indexes. */
    @Test
    void copiesOfBlobsMayTakeHalfOfTheCache() throws IOException {
        assertThat(options("").command(order(false)).environment())
                .containsEntry("VARVE_HOME", "/tmp/varve")
                .containsEntry("VARVE_CACHE_SIZE", "0");
        assertThat(options("mover: {cache: {size: 511Mi}}").command(order(false)).environment())
                .containsEntry("VARVE_HOME", "/cache")
                .containsEntry("VARVE_CACHE_SIZE", "0");
        assertThat(options("mover: {cache: {size: 2Gi}}").command(order(false)).environment())
                .containsEntry("VARVE_HOME", "/cache")
                .containsEntry("VARVE_CACHE_SIZE", Long.toString(1L << 30))
                .doesNotContainKey("VARVE_CACHE");
    }

    /** Whoever else mounts it can change what lies there: copies are checked when they are read. */
    @Test
    void aClaimThatMoversShareHasCopiesAlone() throws IOException {
        ClusterOptions shared = options("mover: {cache: {size: 2Gi, claim: copies}}");
        assertThat(shared.command(order(false)).environment())
                .containsEntry("VARVE_HOME", "/tmp/varve")
                .containsEntry("VARVE_CACHE", "/cache")
                .containsEntry("VARVE_CACHE_SIZE", Long.toString(3L << 29));
        assertThat(shared.mover().resources().cache().orElseThrow().claim()).contains("copies");
    }

    @Test
    void optionsOfTheJvmThatADefinitionGivesStay() throws IOException {
        ClusterOptions options =
                options("mover: {environment: {JDK_JAVA_OPTIONS: -Dsomething=else}}");

        assertThat(options.command(order(true)).environment())
                .doesNotContainKey("JDK_JAVA_OPTIONS");
        assertThat(options.mover().extras().environment())
                .containsEntry("JDK_JAVA_OPTIONS", "-Dsomething=else");
    }

    @Test
    void aMoverHasTheKeysOfItsBucketAndItsLimitsByTheSchedulesTime() throws IOException {
        MoverCommand command =
                options(
                                """
                                {location: "s3://backups?region=eu-west-1", password: {secret: r, key: p}, limitUpload: 20Mi,
                                  credentials: {accessKeyId: {secret: b, key: i}, secretAccessKey: {secret: b, key: s}}}
                                """
                                        .strip(),
                                "schedule: {cron: \"0 4 * * *\", timeZone: Europe/Berlin}")
                        .command(order(false));

        assertThat(command.secretEnvironment())
                .contains(
                        new SecretVariable("AWS_ACCESS_KEY_ID", "b", "i"),
                        new SecretVariable("AWS_SECRET_ACCESS_KEY", "b", "s"));
        assertThat(command.mounts()).isEmpty();
        assertThat(command.environment())
                .containsEntry("VARVE_LIMIT_UPLOAD", "20Mi")
                .containsEntry("TZ", "Europe/Berlin")
                .doesNotContainKey("VARVE_LIMIT_DOWNLOAD");
        assertThat(options("").command(order(false)).environment()).doesNotContainKey("TZ");
    }

    @Test
    void aMoverHasTheKeysOfOtherStoresInTheirVariables() throws IOException {
        String google =
                "{location: \"gs://backups\", password: {secret: r, key: p}, credentials: {serviceAccountKey: {secret: g, key: json}}}";
        String azure =
                "{location: \"azure://backups?account=acme\", password: {secret: r, key: p}, credentials: {accountKey: {secret: a, key: k}}}";

        assertThat(options(google, "").command(order(false)).secretEnvironment())
                .contains(new SecretVariable("GOOGLE_APPLICATION_CREDENTIALS_JSON", "g", "json"));
        assertThat(options(azure, "").command(order(false)).secretEnvironment())
                .contains(new SecretVariable("AZURE_STORAGE_KEY", "a", "k"));
        assertThat(options(azure, "").command(order(false)).mounts()).isEmpty();
        assertThat(options(azure, "").mover().extras().labels()).isEmpty();
        assertThat(
                        options(azure.replaceFirst(", credentials.*", "}"), "")
                                .mover()
                                .extras()
                                .labels())
                .containsExactly(Map.entry("azure.workload.identity/use", "true"));
    }

    private static MoverOrder order(boolean vectors) {
        return new MoverOrder(List.of("mover"), vectors);
    }
}
