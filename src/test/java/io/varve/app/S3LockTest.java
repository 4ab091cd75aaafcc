package io.varve.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.KeptRepositories;
import io.varve.SeededImage;
import io.varve.app.VarveInProcess.Result;
import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.blob.StorageLocation;
import io.varve.blob.s3.NeedsS3Server;
import io.varve.blob.s3.S3BlobStorage;
import io.varve.blob.s3.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bucket that keeps what is put into it, even from those who hold its keys. */
@NeedsS3Server
class S3LockTest {

    private static final List<String> LOCK =
            List.of("--object-lock", "governance", "--object-lock-days", "2");

    @TempDir private static Path servers;
    private static S3Server server;

    @TempDir private Path folder;

    @BeforeAll
    static void startServer() throws IOException {
        server = S3Server.start(servers);
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    private VarveInProcess at(Object location) {
        return new VarveInProcess(folder).with(Map.of("VARVE_REPOSITORY", location.toString()));
    }

    private static Result done(VarveInProcess varve, String... words) {
        Result result = varve.run(words);
        assertThat(result.code()).as(result.err()).isZero();
        return result;
    }

    private static Result create(VarveInProcess varve, String... more) {
        List<String> words = new ArrayList<>(List.of("repository", "create"));
        words.addAll(LOCK);
        words.addAll(List.of(more));
        return varve.run(words.toArray(String[]::new));
    }

    private void backUp(VarveInProcess varve) throws IOException {
        Path image = folder.resolve("disk.img");
        if (!Files.exists(image)) {
            SeededImage.create(image, 3, 1);
        }
        done(varve, "backup", "run", "--device", image.toString(), "--volume", "disk");
    }

    @Test
    void whatKopiaLocksIsLocked() throws IOException {
        StorageLocation.Bucket bucket = server.lockedBucket("locked");
        VarveInProcess varve = at(bucket);
        Instant before = Instant.now();
        assertThat(create(varve).code()).isZero();
        backUp(varve);

        assertThat(
                        done(varve, "repository", "status", "--json")
                                .json()
                                .path("format")
                                .path("objectLock")
                                .toString())
                .isEqualTo("{\"mode\":\"GOVERNANCE\",\"seconds\":172800}");
        Map<String, Instant> locks = server.locks(bucket);
        assertThat(locks.keySet())
                .extracting(id -> id.substring(0, 1))
                .contains("p", "q", "x", "k");
        Instant least = before.plus(2, ChronoUnit.DAYS).truncatedTo(ChronoUnit.SECONDS);
        locks.forEach((id, until) -> assertThat(until).as(id).isAfterOrEqualTo(least));
        assertThat(unlocked(bucket, locks)).isEmpty();
        String pack =
                locks.keySet().stream().filter(id -> id.startsWith("p")).findFirst().orElseThrow();
        assertThat(server.deleteVersion(bucket, pack)).as("deleted").isFalse();
        assertThat(
                        done(varve, "verify", "run", "--read-data", "100", "--json")
                                .json()
                                .path("status"))
                .hasToString("\"CLEAN\"");
    }

    private static List<String> unlocked(StorageLocation.Bucket bucket, Map<String, Instant> locks)
            throws IOException {
        List<String> unlocked = new ArrayList<>();
        try (BlobStorage storage = S3BlobStorage.open(bucket)) {
            storage.list("", blob -> unlocked.add(blob.id().value()));
        }
        unlocked.removeAll(locks.keySet());
        return unlocked;
    }

    @Test
    void aBucketThatCannotLockIsRefused() throws IOException {
        VarveInProcess varve = at(server.bucket("lockless"));
        Result result = create(varve);

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("lockless").containsIgnoringCase("object lock");
        assertThat(varve.run("repository", "status").code()).as("nothing was made").isEqualTo(10);
    }

    @Test
    void aRepositoryThatIsThereKeepsItsLock() throws IOException {
        VarveInProcess locked = at(server.lockedBucket("decided"));
        assertThat(create(locked).code()).isZero();
        assertThat(create(locked, "--if-missing").code()).isZero();
        VarveInProcess open = at(server.lockedBucket("open"));
        done(open, "repository", "create");
        Result refused = create(open, "--if-missing");

        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err()).contains("has no lock, and was to have GOVERNANCE for PT48H");
    }

    /** It died between its two blobs. */
    @Test
    void whoComesAfterACreatorThatDiedDecidesTheLock() throws IOException {
        StorageLocation.Bucket whole = server.bucket("whole");
        StorageLocation.Bucket bucket = server.lockedBucket("half");
        done(at(whole), "repository", "create");
        BlobId format = new BlobId("kopia.repository");
        try (BlobStorage from = S3BlobStorage.open(whole);
                BlobStorage to = S3BlobStorage.open(bucket)) {
            to.put(format, from.get(format));
        }
        assertThat(create(at(bucket), "--if-missing").code()).isZero();

        assertThat(done(at(bucket), "repository", "status").out()).contains("GOVERNANCE, 48 h");
    }

    @Test
    void aFolderIsRefused() {
        VarveInProcess varve = at(folder.resolve("repository"));
        Result result = create(varve);

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err())
                .contains("locked in buckets of S3 alone")
                .contains("nothing was written");
        assertThat(varve.run("repository", "status").code()).isEqualTo(10);
    }

    @Test
    void aCopyInAFolderIsOnlyRead() throws IOException {
        StorageLocation.Bucket bucket = server.lockedBucket("copied");
        assertThat(create(at(bucket)).code()).isZero();
        backUp(at(bucket));
        Path copy = folder.resolve("copy");
        try (BlobStorage from = S3BlobStorage.open(bucket)) {
            KeptRepositories.copy(from, copy);
        }
        VarveInProcess varve = at(copy);

        assertThat(done(varve, "backup", "list", "--json").json().size()).isEqualTo(1);
        Result refused =
                varve.run(
                        "backup",
                        "run",
                        "--device",
                        folder.resolve("disk.img").toString(),
                        "--volume",
                        "disk",
                        "--type",
                        "full");
        assertThat(refused.code()).isNotZero();
        assertThat(refused.err()).contains("only read").contains("in buckets of S3 alone");
    }

    @Test
    void daysAndModeBelongTogether() {
        VarveInProcess varve = at("s3://none");

        assertThat(varve.run("repository", "create", "--object-lock", "governance").code())
                .isEqualTo(2);
        assertThat(
                        varve.run(
                                        "repository",
                                        "create",
                                        "--object-lock",
                                        "compliance",
                                        "--object-lock-days",
                                        "0")
                                .code())
                .isEqualTo(2);
    }
}
