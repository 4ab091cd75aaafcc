package io.varve.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.KeptRepositories;
import io.varve.SeededImage;
import io.varve.app.VarveInProcess.Result;
import io.varve.blob.BlobStorage;
import io.varve.blob.StorageLocation;
import io.varve.blob.s3.NeedsS3Server;
import io.varve.blob.s3.S3BlobStorage;
import io.varve.blob.s3.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
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
