package io.varve.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.database.EveryDatabase;
import io.varve.database.TestDatabase;
import io.varve.database.TestDatabase.Address;
import io.varve.format.ContentId;
import io.varve.format.CorruptFormatException;
import io.varve.repository.StagedBlock;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.dao.DuplicateKeyException;

@EveryDatabase
class RunsTest {

    private static final Instant NOW = Instant.parse("2026-11-22T10:15:30.123456789Z");
    private static final Run.Work WORK =
            new Run.Work(Run.Kind.BACKUP, "dW5pcXVl", "data", "0123456789abcdef".repeat(4));

    private static final Lease LEASE =
            new Lease(
                    new LeaseName(WORK.kind(), WORK.repositoryId(), WORK.volume()),
                    new Owner("owner", "host", 7),
                    3);

    private final TestDatabase kind;
    private @TempDir Path folder;
    private Address address;

    private OpenCatalog catalog;
    private Runs runs;

    RunsTest(TestDatabase kind) {
        this.kind = kind;
    }

    @BeforeEach
    void create() {
        address = kind.create(folder);
        open();
    }

    private void open() {
        catalog = new OpenCatalog(address);
        runs = catalog.runs();
    }

    @AfterEach
    void close() {
        catalog.close();
    }

    @Test
    void aRunComesBackAsItWasCreatedAlsoAfterAReopening() {
        Run run = Run.started("r1", WORK, "{\"device\":\"/dev/ä\"}", NOW);
        runs.create(run);
        assertThat(runs.find("r1")).contains(run);
        catalog.close();
        open();
        assertThat(runs.find("r1")).contains(run);
        assertThat(runs.find("r2")).isEmpty();
        assertThat(run.createdAt()).isEqualTo("2026-11-22T10:15:30.123456Z");
    }

    @Test
    void oneIdIsOneRun() {
        runs.create(run("r1", WORK, 0));
        assertThatThrownBy(() -> runs.create(run("r1", WORK, 1)))
                .isInstanceOf(DuplicateKeyException.class);
    }

    @Test
    void thePlanAndItsBlocksAreStoredTogether() {
        runs.create(run("r1", WORK, 0));
        assertThat(runs.blocks("r1")).isEmpty();
        // What the bitmap of a scattered 16 TiB volume takes.
        byte[] blocks = new byte[2 << 20];
        new Random(1).nextBytes(blocks);
        String plan = "{\"p\":\"%s\"}".formatted("x".repeat(100_000));
        runs.savePlan("r1", plan, blocks);
        assertThat(runs.find("r1").orElseThrow().plan()).contains(plan);
        assertThat(runs.blocks("r1").orElseThrow()).isEqualTo(blocks);
        runs.savePlan("r1", "{}", new byte[0]);
        assertThat(runs.blocks("r1").orElseThrow()).isEmpty();
        assertThatIllegalStateException()
                .isThrownBy(() -> runs.savePlan("r2", "{}", blocks))
                .withMessageContaining("r2");
    }

    @Test
    void aBackupIsPublishedAndThenCompleted() {
        Run run = run("r1", WORK, 0);
        runs.create(run);
        Run published = run.published("backup", "{\"storedBytes\":1}", List.of("slow"));
        runs.save(published);
        assertThat(runs.find("r1")).contains(published);
        Run completed =
                published.completed("backup", "{}", List.of("slow", "leftover, \"x\""), NOW);
        runs.save(completed);
        assertThat(runs.find("r1")).contains(completed);
        assertThat(completed.finishedAt()).contains(Instant.parse("2026-11-22T10:15:30.123456Z"));
    }

    @Test
    void aFinishedRunStaysAsItIs() {
        Run run = run("r1", WORK, 0);
        runs.create(run);
        Run abandoned = run.abandoned(List.of("newer backup"), NOW);
        runs.save(abandoned);
        // Another process still holds the run as it was.
        assertThatIllegalStateException()
                .isThrownBy(() -> runs.save(run.published("backup", "{}", List.of())))
                .withMessageContaining("r1");
        assertThatIllegalStateException().isThrownBy(() -> runs.savePlan("r1", "{}", new byte[1]));
        assertThat(runs.find("r1")).contains(abandoned);
        assertThatIllegalStateException()
                .isThrownBy(() -> abandoned.completed("backup", "{}", List.of(), NOW));
    }

    @Test
    void unfinishedRunsOfAVolumeAreFoundNewestFirst() {
        Run.Work restore =
                new Run.Work(
                        Run.Kind.RESTORE, WORK.repositoryId(), WORK.volume(), WORK.fingerprint());
        Run.Work otherVolume =
                new Run.Work(WORK.kind(), WORK.repositoryId(), "other", WORK.fingerprint());
        Run.Work otherRepository =
                new Run.Work(WORK.kind(), "b3RoZXI", WORK.volume(), WORK.fingerprint());
        Run old = run("old", WORK, 1);
        Run done = run("done", WORK, 2);
        Run recent = run("recent", WORK, 3);
        for (Run run :
                List.of(
                        recent,
                        old,
                        done,
                        run("a", restore, 4),
                        run("b", otherVolume, 5),
                        run("c", otherRepository, 6))) {
            runs.create(run);
        }
        runs.save(done.completed("backup", "{}", List.of(), NOW));
        Run published = recent.published("backup", "{}", List.of());
        runs.save(published);
        assertThat(runs.unfinished(Run.Kind.BACKUP, WORK.repositoryId(), WORK.volume()))
                .containsExactly(published, old);
        assertThat(runs.unfinished(Run.Kind.RESTORE, WORK.repositoryId(), WORK.volume()))
                .extracting(Run::id)
                .containsExactly("a");
        assertThat(runs.newest(3)).extracting(Run::id).containsExactly("c", "b", "a");
        assertThat(runs.newest(100)).hasSize(6);
    }

    @Test
    void aRunIsFoundByAnyOfItsExecutions() {
        Run run = run("r1", WORK, 0);
        runs.create(run);
        runs.create(run("r2", WORK, 1));
        runs.addExecution("r1", 7, LEASE, "0.1");
        runs.addExecution("r1", 9, LEASE, "0.1");
        runs.addExecution("r2", 8, LEASE, "0.1");
        assertThat(runs.ofExecution(7)).contains(run);
        assertThat(runs.ofExecution(9)).contains(run);
        assertThat(runs.ofExecution(8)).map(Run::id).contains("r2");
        assertThat(runs.ofExecution(10)).isEmpty();
        assertThat(runs.executions("r1")).containsExactly(7L, 9L);
        assertThatThrownBy(() -> runs.addExecution("r2", 7, LEASE, "0.1"))
                .isInstanceOf(DuplicateKeyException.class);
    }

    @Test
    void relaunchesCountUntilOneOfThemHasStagedMore() throws CorruptFormatException {
        runs.create(run("r1", WORK, 0));
        launch("r1", 1, 3);
        launch("r1", 2, 3);
        assertThat(runs.relaunchesWithoutProgress("r1")).isZero();
        launch("r1", 3, 4);
        launch("r1", 4, 9);
        assertThat(runs.relaunchesWithoutProgress("r1")).isEqualTo(2);

        ContentId zero = ContentId.parse("a".repeat(32));
        catalog.stagedBlocks("r1").stage(List.of(StagedBlock.zero(0, 5, zero)));
        assertThat(runs.relaunchesWithoutProgress("r1")).isZero();
        launch("r1", 5, 10);
        assertThat(runs.relaunchesWithoutProgress("r1")).isEqualTo(1);
    }

    private void launch(String runId, long execution, long token) {
        runs.addExecution(runId, execution, new Lease(LEASE.name(), LEASE.owner(), token), "0.1");
    }

    @Test
    void aRunThatCannotBeIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> run("", WORK, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> run("x".repeat(65), WORK, 0));
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> run("r", new Run.Work(Run.Kind.BACKUP, "repo", "volume", "abc"), 0))
                .withMessageContaining("abc");
        Run run = run("r", WORK, 0);
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                new Run(
                                        "r",
                                        Run.Kind.BACKUP,
                                        "repo",
                                        "volume",
                                        run.fingerprint(),
                                        "{}",
                                        Optional.empty(),
                                        Run.Status.RUNNING,
                                        NOW,
                                        Optional.of(NOW),
                                        Optional.empty(),
                                        Optional.empty(),
                                        List.of()));
    }

    private static Run run(String id, Run.Work work, int minute) {
        return Run.started(id, work, "{}", NOW.plus(Duration.ofMinutes(minute)));
    }
}
