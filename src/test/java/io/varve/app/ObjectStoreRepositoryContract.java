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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** All that is done with a repository, in an object store that locks nothing. */
abstract class ObjectStoreRepositoryContract {

    private static final long MIB = 1 << 20;
    private static final int BLOCKS = 90;

    @TempDir private Path folder;
    private StorageLocation.ObjectStore store;
    private VarveInProcess varve;

    /** A bucket or container that is made now. */
    abstract StorageLocation.ObjectStore made(String name) throws IOException;

    /** One that nobody has made. */
    abstract StorageLocation.ObjectStore absent();

    abstract BlobStorage open(StorageLocation.ObjectStore location) throws IOException;

    /** Of the repository that is left for others to check. */
    abstract String kind();

    @BeforeEach
    void makeStore(TestInfo test) throws IOException {
        store = made("b-" + Integer.toHexString(test.getDisplayName().hashCode()));
        varve = at(store);
    }

    private VarveInProcess at(StorageLocation.ObjectStore location) {
        return new VarveInProcess(folder).with(Map.of("VARVE_REPOSITORY", location.toString()));
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
        assertThat(folder.resolve("home/cache/blobs")).as("copies").isNotEmptyDirectory();
        try (BlobStorage storage = open(store)) {
            KeptRepositories.keep(kind(), storage, varve.password());
        }
        run("backup", "delete", full.get("backupId").asString());
        assertThat(run("backup", "list").size()).isEqualTo(1);
    }

    @Test
    void aPlaceWithoutARepositoryIs10AndOneThatIsNotThereIsNamed() {
        Result empty = varve.run("backup", "list");
        assertThat(empty.code()).as(empty.err()).isEqualTo(10);
        assertThat(empty.err()).contains(store.toString());

        for (String[] words : new String[][] {{"backup", "list"}, {"repository", "create"}}) {
            Result absent = at(absent()).run(words);
            assertThat(absent.code()).as(absent.err()).isEqualTo(1);
            assertThat(absent.err()).contains("there is no ", "'" + absent().name() + "' at ");
        }
    }

    @Test
    void aRepositoryIsCreatedOnce() {
        assertThat(run("repository", "create").get("created").asBoolean()).isTrue();
        assertThat(run("repository", "create", "--if-missing").get("created").asBoolean())
                .isFalse();
        assertThat(varve.run("repository", "create").code()).isEqualTo(2);
    }

    @Test
    void aLockIsRefusedAndNothingIsMade() {
        Result refused =
                varve.run(
                        "repository",
                        "create",
                        "--object-lock",
                        "COMPLIANCE",
                        "--object-lock-days",
                        "2");
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("locked in buckets of S3 alone", store.toString());
        assertThat(varve.run("repository", "status").code()).isEqualTo(10);
    }

    /** Whoever wants locks must not get blobs without. */
    @Test
    @NeedsS3Server
    void aCopyOfARepositoryThatLocksIsOnlyRead(@TempDir Path servers) throws IOException {
        try (S3Server server = S3Server.start(servers)) {
            StorageLocation.Bucket locked = server.lockedBucket("locked");
            varve = at(locked);
            run("repository", "create", "--object-lock", "GOVERNANCE", "--object-lock-days", "2");
            try (BlobStorage from = S3BlobStorage.open(locked);
                    BlobStorage to = open(store)) {
                KeptRepositories.copy(from, to);
            }
        }
        varve = at(store);
        assertThat(run("backup", "list").size()).isZero();
        String device = SeededImage.create(folder.resolve("disk.img"), 2, 1).path().toString();
        Result refused = varve.run("backup", "run", "--device", device);
        assertThat(refused.code()).isNotZero();
        assertThat(refused.err()).contains("only read", "in buckets of S3 alone");
    }

    /** The line for who has kopia too. */
    @Test
    void theStatusSaysHowKopiaConnects() {
        run("repository", "create");
        assertThat(run("repository", "status").toString()).contains(kopiaConnect(store));
    }

    abstract String kopiaConnect(StorageLocation.ObjectStore location);
}
