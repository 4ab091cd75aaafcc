package io.varve.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.catalog.Run;
import io.varve.catalog.UnsupportedClaims;
import io.varve.database.EveryDatabase;
import io.varve.database.TestDatabase;
import io.varve.format.ContentId;
import io.varve.repository.StagedBlock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.job.Job;

/** Old history goes as a whole, and nothing that is still needed goes with it. */
@EveryDatabase
class HistoryPruningTest {

    private static final List<String> BATCH_TABLES =
            List.of(
                    "batch_job_instance",
                    "batch_job_execution",
                    "batch_job_execution_params",
                    "batch_job_execution_context",
                    "batch_step_execution",
                    "batch_step_execution_context");

    private static final Duration KEEP = Duration.ofDays(90);

    private static final StagedBlock STAGED =
            StagedBlock.zero(1, 9, ContentId.of(ContentId.NO_PREFIX, new byte[16]));

    private final Instant old = Instant.now().minus(Duration.ofDays(100));
    private final JobDatabase database;
    private final HistoryPruning pruning;
    private final List<String> planned = new ArrayList<>();
    private boolean transferFails;

    HistoryPruningTest(TestDatabase kind, @TempDir Path folder) throws Exception {
        database = new JobDatabase(kind.create(folder));
        pruning = new HistoryPruning(database.records());
    }

    @AfterEach
    void closeDatabase() throws Exception {
        database.close();
    }

    private Run begin(String id, Run.Kind kind, String volume) {
        Run run =
                Run.started(
                        id, new Run.Work(kind, "repository", volume, "0".repeat(64)), "{}", old);
        database.records().runs().create(run);
        return run;
    }

    private Run completed(String id, Run.Kind kind, String volume, int day) {
        Run run = begin(id, kind, volume);
        complete(run, day);
        return run;
    }

    private void complete(Run run, int day) {
        database.records()
                .runs()
                .save(run.completed("backup", "{}", List.of(), old.plus(Duration.ofDays(day))));
    }

    private void abandon(Run run) {
        database.records().runs().save(run.abandoned(List.of(), old));
    }

    private BatchStatus work(Run run) throws Exception {
        try (HeldLease lease = database.lease(run)) {
            Steps steps = new Steps(database.batch());
            Job job =
                    steps.job(
                            BackupVolumeJob.NAME,
                            Executions.history(database.records(), run, lease),
                            steps.once("plan", step -> planned.add(run.id())),
                            steps.once(
                                    "transfer",
                                    step -> {
                                        if (transferFails) {
                                            throw new IOException("injected");
                                        }
                                    }));
            return new Executions(database.batch(), database.records()).start(job, run).getStatus();
        }
    }

    private void stage(Run run) {
        database.records().stagedBlocks(run).stage(List.of(STAGED));
        database.records().stagedBlocks(run).markIndexed(List.of("pack"));
    }

    private long count(String table) {
        Long rows =
                database.records()
                        .jdbc()
                        .queryForObject("SELECT COUNT(*) FROM " + table, Long.class);
        return rows == null ? 0 : rows;
    }

    private List<String> runs() {
        return database.records().runs().newest(100).stream().map(Run::id).sorted().toList();
    }

    @Test
    void oldRunsGoWithAllTheirRows() throws Exception {
        Run done = begin("done", Run.Kind.BACKUP, "volume");
        work(done);
        complete(done, 1);
        Run givenUp = begin("given-up", Run.Kind.BACKUP, "volume");
        transferFails = true;
        work(givenUp);
        work(givenUp);
        stage(givenUp);
        abandon(givenUp);
        List<Long> before = BATCH_TABLES.stream().map(this::count).toList();
        Run newest = begin("newest", Run.Kind.BACKUP, "volume");
        transferFails = false;
        work(newest);
        complete(newest, 2);
        List<Long> all = BATCH_TABLES.stream().map(this::count).toList();

        assertThat(pruning.prune(KEEP)).isEqualTo(new HistoryPruning.Result(2, 2, 0));

        assertThat(runs()).containsExactly("newest");
        assertThat(count("varve_run_execution")).isEqualTo(1);
        assertThat(count("varve_staged_block")).isZero();
        assertThat(count("varve_indexed_pack")).isZero();
        for (int i = 0; i < BATCH_TABLES.size(); i++) {
            assertThat(count(BATCH_TABLES.get(i)))
                    .as(BATCH_TABLES.get(i))
                    .isEqualTo(all.get(i) - before.get(i))
                    .isPositive();
        }
        assertThat(pruning.prune(KEEP)).isEqualTo(new HistoryPruning.Result(0, 0, 0));
    }

    @Test
    void unsupportedClaimsThatNoRunHasFoundSinceThenAreForgotten() {
        var finder = new UnsupportedClaims.Finder("repository", "cluster", "gone");
        database.records().unsupported().save(finder, Map.of("a", "not bound"), old);
        var lives = new UnsupportedClaims.Finder("repository", "cluster", "lives");
        database.records().unsupported().save(lives, Map.of("b", "not bound"), Instant.now());

        pruning.prune(KEEP);

        assertThat(database.records().unsupported().foundSince(Instant.EPOCH))
                .extracting(UnsupportedClaims.Claim::volume)
                .containsExactly("b");
    }

    @Test
    void theNewestCompletedRunOfEachKindAndVolumeStaysWhateverItsAge() {
        completed("a-old", Run.Kind.BACKUP, "a", 1);
        completed("a-new", Run.Kind.BACKUP, "a", 2);
        completed("a-restore", Run.Kind.RESTORE, "a", 0);
        completed("a-delete", Run.Kind.DELETE, "a", 0);
        completed("b-same-1", Run.Kind.BACKUP, "b", 1);
        completed("b-same-2", Run.Kind.BACKUP, "b", 1);
        abandon(begin("b-newest-but-abandoned", Run.Kind.BACKUP, "b"));
        abandon(begin("c-only-abandoned", Run.Kind.BACKUP, "c"));
        completed("d-recent-1", Run.Kind.BACKUP, "d", 20);
        completed("d-recent-2", Run.Kind.BACKUP, "d", 21);

        assertThat(pruning.prune(KEEP)).isEqualTo(new HistoryPruning.Result(4, 0, 0));

        assertThat(runs())
                .containsExactly(
                        "a-delete", "a-new", "a-restore", "b-same-2", "d-recent-1", "d-recent-2");
    }

    @Test
    void anUnfinishedRunIsKeptAndGoesOnWhereItStopped() throws Exception {
        Run run = begin("unfinished", Run.Kind.BACKUP, "volume");
        completed("later", Run.Kind.BACKUP, "volume", 3);
        completed("latest", Run.Kind.BACKUP, "volume", 4);
        transferFails = true;
        assertThat(work(run)).isEqualTo(BatchStatus.FAILED);
        stage(run);

        assertThat(pruning.prune(Duration.ZERO)).isEqualTo(new HistoryPruning.Result(1, 0, 1));

        assertThat(database.records().stagedBlocks(run).page(0, 10)).containsExactly(STAGED);
        assertThat(count("varve_indexed_pack")).isEqualTo(1);
        transferFails = false;
        assertThat(work(run)).isEqualTo(BatchStatus.COMPLETED);
        assertThat(planned).as("the first step is not repeated").containsExactly("unfinished");
    }

    @Test
    void anInstanceWithoutExecutionsGoesWithItsRunAndNotBeforeIt() throws Exception {
        Run givenUp = begin("given-up", Run.Kind.BACKUP, "volume");
        database.jobs().createJobInstance(BackupVolumeJob.NAME, Executions.parameters(givenUp));
        Run restore = begin("restore", Run.Kind.RESTORE, "volume");
        database.jobs().createJobInstance(RestoreVolumeJob.NAME, Executions.parameters(restore));
        Run preview = begin("preview", Run.Kind.PREVIEW, "volume");
        database.jobs().createJobInstance(RestoreVolumeJob.PREVIEW, Executions.parameters(preview));
        Run starting = begin("starting", Run.Kind.DELETE, "volume");
        database.jobs().createJobInstance(DeleteBackupJob.NAME, Executions.parameters(starting));
        abandon(givenUp);
        abandon(restore);
        abandon(preview);

        assertThat(pruning.prune(KEEP)).isEqualTo(new HistoryPruning.Result(3, 3, 1));

        assertThat(
                        database.jobs()
                                .getJobInstance(
                                        DeleteBackupJob.NAME, Executions.parameters(starting)))
                .isNotNull();
        assertThat(count("batch_job_instance")).isEqualTo(1);
    }

    @Test
    void tenThousandRunsGoWithSomeHundredStatements() {
        int runs = 10_000;
        ManyRuns.fill(database, runs);
        int before = database.statements();

        HistoryPruning.Result result = pruning.prune(Duration.ZERO);

        assertThat(result).isEqualTo(new HistoryPruning.Result(runs - 1, runs - 1, 0));
        assertThat(database.statements() - before).isLessThan(runs / 25);
        assertThat(runs()).containsExactly("run-" + runs);
        assertThat(BATCH_TABLES.stream().map(this::count).toList())
                .containsExactly(1L, 1L, 2L, 1L, 2L, 2L);
    }
}
