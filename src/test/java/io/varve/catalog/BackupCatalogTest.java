package io.varve.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.catalog.BackupCatalog.Changes;
import io.varve.database.EveryDatabase;
import io.varve.database.TestDatabase;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The copy of a repository's list, whoever else changes it meanwhile. */
@EveryDatabase
class BackupCatalogTest {

    private static final String REPOSITORY = "repository";

    private final OpenCatalog catalog;
    private final BackupCatalog backups;

    BackupCatalogTest(TestDatabase kind, @TempDir Path folder) {
        catalog = new OpenCatalog(kind.create(folder));
        backups = catalog.backups();
    }

    @AfterEach
    void close() {
        catalog.close();
    }

    private static BackupRecord backup(String id) {
        return backup(id, "text");
    }

    private static BackupRecord backup(String id, String text) {
        Optional<String> present = Optional.of(text);
        return new BackupRecord(
                id,
                text,
                text,
                present,
                present,
                present,
                Instant.EPOCH,
                Instant.EPOCH,
                1,
                2,
                present,
                text);
    }

    @Test
    void aSyncAddsWhatIsNewAndRemovesWhatIsGone() {
        backups.add(REPOSITORY, backup("gone"));
        backups.add(REPOSITORY, backup("stays"));
        backups.add("another", backup("gone"));

        Changes changes =
                backups.sync(
                        REPOSITORY,
                        backups.ids(REPOSITORY),
                        List.of(backup("stays"), backup("new")));

        assertThat(changes).isEqualTo(new Changes(1, 1));
        assertThat(backups.ids(REPOSITORY)).containsExactlyInAnyOrder("stays", "new");
        assertThat(backups.ids("another")).containsExactly("gone");
    }

    @Test
    void aBackupThatIsAddedWhileTheRepositoryIsListedStays() {
        Set<String> before = backups.ids(REPOSITORY);
        backups.add(REPOSITORY, backup("published-meanwhile"));

        backups.sync(REPOSITORY, before, List.of(backup("listed")));

        assertThat(backups.ids(REPOSITORY))
                .containsExactlyInAnyOrder("published-meanwhile", "listed");
    }

    @Test
    void manyThatSyncAtOnceAddEachBackupOnce() throws Exception {
        List<BackupRecord> listed =
                IntStream.range(0, 300).mapToObj(i -> backup("backup-" + i)).toList();
        try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
            List<Callable<Changes>> syncs = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                syncs.add(() -> backups.sync(REPOSITORY, Set.of(), listed));
            }
            int added = 0;
            for (Future<Changes> done : pool.invokeAll(syncs)) {
                added += done.get().added();
            }
            assertThat(added).isEqualTo(300);
        }
        assertThat(backups.ids(REPOSITORY)).hasSize(300);
    }

    @Test
    void whatOthersWroteIsMadeToFit() {
        String endless = "\uD83D\uDE00\0".repeat(2000);

        backups.add(REPOSITORY, backup("id", endless));
        backups.add(REPOSITORY, backup("id", "x" + endless));

        assertThat(catalog.jdbc().queryForObject("SELECT volume FROM varve_backup", String.class))
                .startsWith("x\uD83D\uDE00?\uD83D\uDE00?")
                .as("no half of a pair at its end")
                .hasSize(511);
    }
}
