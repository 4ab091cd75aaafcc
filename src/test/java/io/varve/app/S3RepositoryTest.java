package io.varve.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.KeptRepositories;
import io.varve.SeededImage;
import io.varve.app.VarveInProcess.Result;
import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.blob.StorageLocation;
import io.varve.blob.retry.RetryPolicy;
import io.varve.blob.retry.RetryingBlobStorage;
import io.varve.blob.s3.FaultyProxy;
import io.varve.blob.s3.FaultyProxy.Fault;
import io.varve.blob.s3.NeedsS3Server;
import io.varve.blob.s3.S3BlobStorage;
import io.varve.blob.s3.S3Server;
import io.varve.cli.Surroundings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** All that is done with a repository, in a bucket of a real S3 server. */
@NeedsS3Server
class S3RepositoryTest {

    private static final long MIB = 1 << 20;
    private static final int BLOCKS = 90;

    @TempDir private static Path servers;
    private static S3Server server;

    @TempDir private Path folder;
    private StorageLocation.Bucket bucket;
    private VarveInProcess varve;

    @BeforeAll
    static void startServer() throws IOException {
        server = S3Server.start(servers);
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void makeBucket(TestInfo test) throws IOException {
        bucket = server.bucket("b-" + Integer.toHexString(test.getDisplayName().hashCode()));
        varve = new VarveInProcess(folder).with(Map.of("VARVE_REPOSITORY", bucket.toString()));
    }

    private JsonNode run(String... words) {
        List<String> all = new ArrayList<>(List.of(words));
        all.add("--json");
        Result result = varve.run(all.toArray(String[]::new));
        assertThat(result.code()).as(result.err()).isZero();
        return result.json();
    }

    /** Those of the program give up after minutes. */
    private static Openers impatient() {
        Openers real = Openers.real();
        return new Openers(
                new Surroundings.StorageOpener() {
                    @Override
                    public BlobStorage open(StorageLocation location) throws IOException {
                        return new RetryingBlobStorage(
                                S3BlobStorage.open((StorageLocation.Bucket) location),
                                new RetryPolicy(
                                        Duration.ofMillis(10),
                                        Duration.ofMillis(20),
                                        Duration.ofSeconds(1)),
                                () -> {});
                    }

                    @Override
                    public BlobStorage create(StorageLocation location) throws IOException {
                        return real.storage().create(location);
                    }
                },
                real.devices(),
                real.dataSource(),
                real.stepHook());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 35})
    void aServerThatFallsSilentForGoodEndsTheRunAndTheNextOneCompletes(int calls)
            throws IOException {
        SeededImage image = SeededImage.create(folder.resolve("disk.img"), BLOCKS, 1);
        run("repository", "create");
        String[] backup = {
            "backup", "run", "--device", image.path().toString(), "--volume", "disk", "--json"
        };
        try (FaultyProxy proxy = new FaultyProxy(server.endpoint())) {
            VarveInProcess far =
                    varve.with(
                            Map.of(
                                    "VARVE_REPOSITORY",
                                    "s3://%s/some/folder?endpoint=%s&timeout=1s"
                                            .formatted(bucket.bucket(), proxy.endpoint())));
            proxy.armForGood(calls, Fault.NO_ANSWER);

            Result silent = far.run(impatient(), backup);
            assertThat(proxy.struck()).isTrue();
            assertThat(silent.code()).as(silent.err()).isEqualTo(1);
            assertThat(silent.err().lines().toList().getLast())
                    .contains("is unavailable: silent for 1 s");
            assertThat(silent.err()).doesNotContain("\tat ");
            assertThat(run("backup", "list")).isEmpty();

            proxy.arm(-1, Fault.NONE);
            Result again = far.run(backup);
            assertThat(again.code()).as(again.err()).isZero();
            String id = again.json().get("backupId").asString();
            Path restored = folder.resolve("restored.img");
            run("restore", "run", id, "--to-device", restored.toString());
            assertThat(Files.mismatch(image.path(), restored)).isEqualTo(-1);
        }
    }

    @Test
    void aVolumeIsBackedUpAgainVerifiedAndRestored() throws IOException {
        SeededImage image = SeededImage.create(folder.resolve("disk.img"), BLOCKS, 1);
        run("repository", "create");
        String device = image.path().toString();
        JsonNode full =
                run("backup", "run", "--device", device, "--volume", "disk", "--change-id", "one");
        image.change(2, 7, 50);
        Path changed =
                Files.writeString(
                        folder.resolve("changed.json"),
                        "[{\"offset\":%d,\"length\":%d},{\"offset\":%d,\"length\":1}]"
                                .formatted(7 * MIB, MIB, 50 * MIB));
        JsonNode incremental =
                run(
                        "backup",
                        "run",
                        "--device",
                        device,
                        "--volume",
                        "disk",
                        "--change-id",
                        "two",
                        "--base-change-id",
                        "one",
                        "--changed-blocks",
                        changed.toString());

        assertThat(full.get("actualType").asString()).isEqualTo("FULL");
        assertThat(incremental.get("actualType").asString()).isEqualTo("INCREMENTAL");
        assertThat(run("backup", "list").size()).isEqualTo(2);
        assertThat(run("verify", "run", "--read-data", "100").get("status").asString())
                .isEqualTo("CLEAN");
        Path restored = folder.resolve("restored.img");
        run(
                "restore",
                "run",
                incremental.get("backupId").asString(),
                "--to-device",
                restored.toString(),
                "--verify");
        assertThat(Files.mismatch(image.path(), restored)).isEqualTo(-1);
        try (BlobStorage storage = S3BlobStorage.open(bucket)) {
            KeptRepositories.keep("s3", storage, varve.password());
        }
        run("backup", "delete", full.get("backupId").asString());
        assertThat(run("backup", "list").size()).isEqualTo(1);
    }

    @Test
    void whatIsReadOncePerMachineIsFetchedAnewWhereItIsDamaged() throws IOException {
        SeededImage image = SeededImage.create(folder.resolve("disk.img"), 5, 1);
        run("repository", "create");
        String id =
                run("backup", "run", "--device", image.path().toString())
                        .get("backupId")
                        .asString();
        run("backup", "list");
        Map<String, byte[]> copies = copies();
        try (BlobStorage storage = S3BlobStorage.open(bucket)) {
            for (String blob : copies.keySet()) {
                assertThat(storage.get(new BlobId(blob)))
                        .isEqualTo(ByteBuffer.wrap(copies.get(blob)));
                storage.put(new BlobId(blob), ByteBuffer.wrap(inverted(copies.get(blob))));
            }
            assertThat(run("backup", "list").size()).isEqualTo(1);
            assertThat(varve.run("verify", "run").code()).as("looks there").isEqualTo(13);
            for (String blob : copies.keySet()) {
                storage.put(new BlobId(blob), ByteBuffer.wrap(copies.get(blob)));
                Files.write(cache().resolve(blob), inverted(copies.get(blob)));
            }
        }
        assertThat(run("backup", "list").size()).isEqualTo(1);
        Path restored = folder.resolve("restored.img");
        run("restore", "run", id, "--to-device", restored.toString());
        assertThat(Files.mismatch(image.path(), restored)).isEqualTo(-1);
        Map<String, byte[]> anew = copies();
        assertThat(
                        anew.keySet().stream()
                                .filter(file -> Arrays.equals(anew.get(file), copies.get(file))))
                .as("of both kinds")
                .anyMatch(file -> file.startsWith("x"))
                .anyMatch(file -> file.startsWith("q"));
        assertThat(varve.with(Map.of("VARVE_CACHE_SIZE", "255Mi")).run("backup", "list").code())
                .isEqualTo(2);
    }

    /** Copies would hide from it that nobody else can read what it refers to. */
    @Test
    void aBackupRefersToNothingThatOnlyItsCopiesHave() throws IOException {
        SeededImage image = SeededImage.create(folder.resolve("disk.img"), 5, 1);
        String device = image.path().toString();
        run("repository", "create");
        run("backup", "run", "--device", device);
        run("backup", "list");
        Map<String, byte[]> copies = copies();
        try (BlobStorage storage = S3BlobStorage.open(bucket)) {
            for (String blob : copies.keySet()) {
                if (blob.startsWith("q")) {
                    storage.put(new BlobId(blob), ByteBuffer.wrap(inverted(copies.get(blob))));
                }
            }
        }

        Result again = varve.run("backup", "run", "--device", device, "--json");
        assertThat(again.code()).as(again.err()).isEqualTo(3);
        String id = again.json().get("backupId").asString();
        Path restored = folder.resolve("restored.img");
        Result restore =
                varve.with(Map.of("VARVE_HOME", folder.resolve("elsewhere").toString()))
                        .run("restore", "run", id, "--to-device", restored.toString());
        assertThat(restore.code()).as(restore.err()).isIn(0, 3);
        assertThat(Files.mismatch(image.path(), restored)).isEqualTo(-1);
    }

    /** Of this bucket. */
    private Path cache() throws IOException {
        Path blobs = Path.of(varve.environment().get("VARVE_HOME"), "cache", "blobs");
        try (Stream<Path> repositories = Files.list(blobs)) {
            return repositories.findFirst().orElseThrow();
        }
    }

    private Map<String, byte[]> copies() throws IOException {
        Map<String, byte[]> copies = new HashMap<>();
        try (Stream<Path> files = Files.list(cache())) {
            for (Path file : files.toList()) {
                copies.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        return copies;
    }

    private static byte[] inverted(byte[] content) {
        byte[] inverted = content.clone();
        for (int i = 0; i < inverted.length; i++) {
            inverted[i] ^= (byte) 0xff;
        }
        return inverted;
    }

    @Test
    void callsThatAreMadeAgainAreCounted() throws IOException {
        SeededImage image = SeededImage.create(folder.resolve("disk.img"), 5, 1);
        run("repository", "create");
        Path metrics = folder.resolve("varve.prom");
        try (FaultyProxy proxy = new FaultyProxy(server.endpoint())) {
            String there =
                    "s3://%s/some/folder?endpoint=%s".formatted(bucket.bucket(), proxy.endpoint());
            // One of those of the run, when the metrics are kept.
            proxy.arm(40, Fault.SLOW_DOWN);
            Result result =
                    varve.with(
                                    Map.of(
                                            "VARVE_REPOSITORY",
                                            there,
                                            "VARVE_METRICS_FILE",
                                            metrics.toString()))
                            .run("backup", "run", "--device", image.path().toString());
            assertThat(result.code()).as(result.err()).isZero();
            assertThat(proxy.struck()).isTrue();
        }
        assertThat(Files.readString(metrics)).containsPattern("varve_storage_retries_total [1-9]");
    }

    @Test
    void theStatusSaysHowKopiaConnects() {
        run("repository", "create");
        assertThat(run("repository", "status").toString())
                .contains(
                        "kopia repository connect s3 --bucket %s --prefix some/folder/ --endpoint %s --disable-tls --override-username varve"
                                .formatted(bucket.bucket(), server.endpoint().getRawAuthority()));
    }

    @Test
    void aBucketWithoutARepositoryIs10AndOneThatIsNotThereIsNamed() {
        Result empty = varve.run("backup", "list");
        assertThat(empty.code()).as(empty.err()).isEqualTo(10);
        assertThat(empty.err()).contains(bucket.toString());

        Result absent =
                varve.with(Map.of("VARVE_REPOSITORY", server.location("absent").toString()))
                        .run("backup", "list");
        assertThat(absent.code()).isEqualTo(1);
        assertThat(absent.err()).contains("there is no bucket 'absent' at " + server.endpoint());
    }

    @Test
    void aRepositoryIsCreatedOnce() {
        assertThat(run("repository", "create").get("created").asBoolean()).isTrue();
        assertThat(run("repository", "create", "--if-missing").get("created").asBoolean())
                .isFalse();
        assertThat(varve.run("repository", "create").code()).isEqualTo(2);
    }
}
