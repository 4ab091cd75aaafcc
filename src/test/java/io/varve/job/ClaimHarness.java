package io.varve.job;

import io.varve.blob.BlobStorage;
import io.varve.blob.filesystem.FilesystemBlobStorage;
import io.varve.catalog.Owner;
import io.varve.database.TestDatabase;
import io.varve.mover.block.TestRepositories;
import io.varve.repository.Repository;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * Two processes that move a claim's volume, sharing only the database and the repository: one asks
 * a played cluster, the other one has the device.
 */
abstract class ClaimHarness {

    static final int MIB = 1 << 20;
    private static final long SEED = 5;

    private @TempDir Path folder;
    private TestDatabase.Address address;
    JobDatabase database;
    Repository repository;
    PlayedMovers movers;
    UnaryOperator<BlobStorage> seenByMovers = UnaryOperator.identity();

    @BeforeEach
    void openBoth() throws Exception {
        address = TestDatabase.POSTGRESQL.create(folder);
        database = new JobDatabase(address);
        repository = TestRepositories.create(FilesystemBlobStorage.create(folder.resolve("repo")));
        movers =
                new PlayedMovers(
                        new PlayedMovers.MoverProcess() {
                            @Override
                            public JobDatabase database() throws Exception {
                                return process("mover");
                            }

                            @Override
                            public Repository repository() throws IOException {
                                return TestRepositories.begin(
                                        seenByMovers.apply(
                                                FilesystemBlobStorage.open(
                                                        folder.resolve("repo"))));
                            }
                        });
    }

    @AfterEach
    void closeBoth() throws Exception {
        movers.awaitAll();
        repository.close();
        database.close();
    }

    /** The database as another process sees it, on a host of this name; the caller closes it. */
    final JobDatabase process(String host) throws Exception {
        return new JobDatabase(address, new Owner(host, host, 1));
    }

    /** Where the repository lies. */
    final Path repositoryFolder() {
        return folder.resolve("repo");
    }

    /** A volume with ten zero blocks in it. */
    static byte[] volumeOf(int mib) {
        byte[] volume = new byte[mib * MIB];
        new Random(SEED).nextBytes(volume);
        Arrays.fill(volume, 10 * MIB, 20 * MIB, (byte) 0);
        return volume;
    }

    final JdbcTemplate rows() {
        return new JdbcTemplate(
                new DriverManagerDataSource(address.url(), address.user(), address.password()));
    }
}
