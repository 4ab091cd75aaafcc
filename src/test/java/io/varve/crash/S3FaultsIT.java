package io.varve.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.Exhaustive;
import io.varve.KeptRepositories;
import io.varve.SeededImage;
import io.varve.app.VarveInProcess;
import io.varve.app.VarveInProcess.Result;
import io.varve.blob.BlobStorage;
import io.varve.blob.StorageLocation;
import io.varve.blob.s3.FaultyProxy;
import io.varve.blob.s3.FaultyProxy.Call;
import io.varve.blob.s3.FaultyProxy.Fault;
import io.varve.blob.s3.NeedsS3Server;
import io.varve.blob.s3.S3BlobStorage;
import io.varve.blob.s3.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.util.FileSystemUtils;

/**
 * A backup into a bucket, with each kind of fault at a share of its calls, all with {@code
 * -Pendurance}: it completes, or stops so that the next one completes; what is listed restores.
 */
@Exhaustive
@NeedsS3Server
class S3FaultsIT {

    private static final int BLOCKS = 45;

    /** A call that trickles is given up after ten times this. */
    private static final String TIMEOUT = "1s";

    /** Of those that take ten seconds. */
    private static final int MOST_TRICKLES = 3;

    private static final AtomicInteger BUCKETS = new AtomicInteger();

    @TempDir private static Path servers;
    private static S3Server server;
    private static FaultyProxy proxy;

    @TempDir private Path folder;

    /** An empty repository and a migrated database, as each run begins with. */
    private static StorageLocation.Bucket template;

    @BeforeAll
    static void startServer() throws IOException {
        server = S3Server.start(servers);
        proxy = new FaultyProxy(server.endpoint());
        template = server.bucket("template");
        VarveInProcess varve = at(servers, template.toString());
        assertThat(varve.run("repository", "create").code()).isZero();
        assertThat(varve.run("job", "list").code()).isZero();
    }

    private static VarveInProcess at(Path home, String location) {
        return new VarveInProcess(home).with(Map.of("VARVE_REPOSITORY", location));
    }

    @AfterAll
    static void stopServer() throws IOException {
        proxy.close();
        server.close();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void aBackupSurvives(Fault fault) throws IOException {
        SeededImage image = SeededImage.create(folder.resolve("disk.img"), BLOCKS, 1);
        List<Call> calls = survive(image.path(), Fault.NONE, 0);
        List<Integer> all =
                IntStream.range(0, calls.size())
                        .filter(call -> fault.strikes(calls.get(call)))
                        .boxed()
                        .toList();
        List<Integer> chosen = Moments.share(all);
        if (fault == Fault.TRICKLES) {
            chosen = chosen.subList(0, Math.min(MOST_TRICKLES, chosen.size()));
        }
        for (int call : chosen) {
            survive(image.path(), fault, call);
        }
    }

    /** Returns the backup's calls. */
    private List<Call> survive(Path image, Fault fault, int call) throws IOException {
        StorageLocation.Bucket bucket = server.bucket("faults-" + BUCKETS.incrementAndGet());
        try (BlobStorage from = S3BlobStorage.open(template);
                BlobStorage to = S3BlobStorage.open(bucket)) {
            KeptRepositories.copy(from, to);
        }
        Path home = folder.resolve(fault + "-" + call);
        FileSystemUtils.copyRecursively(servers.resolve("home"), home.resolve("home"));
        VarveInProcess varve =
                at(
                        home,
                        "s3://%s/some/folder?endpoint=%s&timeout=%s"
                                .formatted(bucket.bucket(), proxy.endpoint(), TIMEOUT));
        String where = "%s at call %d".formatted(fault, call);
        proxy.arm(call, fault);

        Result result = varve.run(backup(image));
        List<Call> calls = proxy.calls();
        if (fault != Fault.NONE && !proxy.struck()) {
            // Streams share their work as they come: this run made fewer calls than the counted
            // one.
            assertThat(calls.stream().skip(call)).as(where).noneMatch(fault::strikes);
            return survive(image, fault, lastCall(fault, calls));
        }
        where += ", " + proxy.calls() + result.err();
        proxy.arm(-1, Fault.NONE);
        if (result.code() != 0) {
            // The others are got past by trying again; a server that lies is found out.
            assertThat(fault).as(where).isIn(Fault.LOST_PUT, Fault.STALE_LIST);
            // Refused, or stored again with a warning.
            assertThat(result.code()).as(where).isIn(1, 3);
            result = varve.run(backup(image));
        }
        assertThat(result.code()).as(where + result.err()).isZero();
        String id = result.json().get("backupId").asString();

        Path restored = home.resolve("restored.img");
        Result restore =
                varve.with(Map.of("VARVE_CACHE_SIZE", "0"))
                        .run("restore", "run", id, "--to-device", restored.toString());
        assertThat(restore.code()).as(where + restore.err()).isZero();
        assertThat(Files.mismatch(image, restored)).as(where).isEqualTo(-1);
        Files.delete(restored);
        return calls;
    }

    private static int lastCall(Fault fault, List<Call> calls) {
        return IntStream.range(0, calls.size())
                .filter(call -> fault.strikes(calls.get(call)))
                .max()
                .orElseThrow();
    }

    private static String[] backup(Path image) {
        return new String[] {
            "backup", "run", "--device", image.toString(), "--volume", "disk", "--json"
        };
    }
}
