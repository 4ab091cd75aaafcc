package io.varve.mover.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.KeptRepositories;
import io.varve.SettableClock;
import io.varve.blob.BlobStorage;
import io.varve.blob.MemoryBlobStorage;
import io.varve.blob.filesystem.FilesystemBlobStorage;
import io.varve.repository.RepositoryCreator;
import io.varve.repository.RepositoryCreator.Opened;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many processes that find nothing, and create a repository at once. As real processes, and more of
 * them: src/test/sh/many.sh.
 */
@Timeout(300)
class ConcurrentCreateTest {

    private static final int CREATORS = 20;

    /** Of them at a time derive a key, which takes 64 MiB. */
    private static final int DERIVING = 2;

    private static final byte[] IMAGE = Images.of("a0", 777);

    /** Stands still, near the time that files get. */
    private final SettableClock clock = new SettableClock(Instant.now());

    @TempDir Path folder;

    @Test
    void oneOfManyCreatesTheRepositoryAndAllUseIt() throws Exception {
        CyclicBarrier allSawNothing = new CyclicBarrier(CREATORS);
        Semaphore deriving = new Semaphore(DERIVING);
        List<Future<Opened>> creations;
        try (ExecutorService threads = Executors.newFixedThreadPool(CREATORS)) {
            List<Callable<Opened>> creators = new ArrayList<>();
            for (int i = 0; i < CREATORS; i++) {
                creators.add(
                        () ->
                                create(
                                        new CreatorsStorage(
                                                FilesystemBlobStorage.create(folder),
                                                lists -> awaitAt(2, lists, allSawNothing),
                                                deriving)));
            }
            creations = threads.invokeAll(creators);
        }
        List<Opened> opened = new ArrayList<>();
        for (Future<Opened> creation : creations) {
            opened.add(creation.get());
        }
        assertThat(opened.stream().filter(Opened::created)).hasSize(1);
        Set<String> ids = new HashSet<>();
        opened.forEach(each -> ids.add(each.repository().id()));
        assertThat(ids).hasSize(1);

        Map<String, byte[]> expected = new HashMap<>();
        for (Opened each : opened.subList(0, 5)) {
            String run = "r" + expected.size();
            PublishedBackup published =
                    BackupHarness.full(run, IMAGE, clock.instant()).execute(each.repository());
            expected.put(published.backupId(), IMAGE);
        }
        for (Opened each : opened) {
            assertThat(each.repository().manifests().load().items()).hasSize(2 + expected.size());
        }
        BackupHarness.assertHolds(opened.getLast().repository(), expected);
        KeptRepositories.keep(
                "created-by-many",
                opened.getLast().repository().storage(),
                BackupHarness.password());
        for (Opened each : opened) {
            each.repository().close();
        }
    }

    /** Both lists that look for a repository are done. */
    private static void awaitAt(int call, int lists, CyclicBarrier barrier) throws IOException {
        if (call == lists) {
            try {
                barrier.await();
            } catch (InterruptedException | BrokenBarrierException e) {
                throw new IOException("another creator failed", e);
            }
        }
    }

    /** The winner's kopia.blobcfg is not the rest of a lost repository. */
    @Test
    void whoIsOvertakenWhileItLooksOpensTheOthersRepository() throws IOException {
        MemoryBlobStorage disk = new MemoryBlobStorage(clock);
        BlobStorage overtaken =
                new CreatorsStorage(
                        disk,
                        lists -> {
                            if (lists == 1) {
                                create(disk).repository().close();
                            }
                        },
                        new Semaphore(DERIVING));
        Opened opened = create(overtaken);
        assertThat(opened.created()).isFalse();
        opened.repository().close();
    }

    private Opened create(BlobStorage storage) throws IOException {
        return new RepositoryCreator(storage, BackupHarness.settings(clock, new SecureRandom()))
                .createIfMissing(BackupHarness.DEFAULTS, BackupHarness.password());
    }
}
