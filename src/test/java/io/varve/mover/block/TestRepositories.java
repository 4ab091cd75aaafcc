package io.varve.mover.block;

import io.varve.blob.BlobStorage;
import io.varve.repository.Repository;
import io.varve.repository.RepositoryCreator;
import java.io.IOException;
import java.time.InstantSource;
import java.util.Random;

/** Repositories for tests of other packages, on the system's clock. */
public final class TestRepositories {

    private static final long SEED = 20261128;

    private TestRepositories() {}

    /** A new one; the caller closes it. */
    public static Repository create(BlobStorage storage) throws IOException {
        return new RepositoryCreator(storage, BackupHarness.settings(system(), new Random(SEED)))
                .create(BackupHarness.DEFAULTS, BackupHarness.password());
    }

    /** As another process opens it; the caller closes it. */
    public static Repository open(BlobStorage storage) throws IOException {
        return Repository.open(
                storage, BackupHarness.password(), BackupHarness.settings(system(), new Random()));
    }

    /** As a mover opens it, which does not wait for the index; the caller closes it. */
    public static Repository begin(BlobStorage storage) throws IOException {
        return Repository.begin(
                storage, BackupHarness.password(), BackupHarness.settings(system(), new Random()));
    }

    /** The bytes of a backup. */
    public static byte[] restore(Repository repository, String backupId) throws IOException {
        return BackupHarness.restore(repository, backupId);
    }

    private static InstantSource system() {
        return InstantSource.system();
    }
}
