package io.varve.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.catalog.Run;
import io.varve.database.EveryDatabase;
import io.varve.database.TestDatabase;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.step.StepExecution;
import org.springframework.batch.infrastructure.item.ExecutionContext;

/** What a killed process leaves in Batch's tables never keeps a run from going on. */
@EveryDatabase
class DeadExecutionsTest {

    private final JobDatabase database;
    private final Run run =
            Run.started(
                    "run-1",
                    new Run.Work(Run.Kind.BACKUP, "repository", "volume", "0".repeat(64)),
                    "{}",
                    Instant.EPOCH);

    DeadExecutionsTest(TestDatabase kind, @TempDir Path folder) throws Exception {
        database = new JobDatabase(kind.create(folder));
        database.records().runs().create(run);
    }

    @AfterEach
    void closeDatabase() throws Exception {
        database.close();
    }

    private JobExecution start() throws Exception {
        try (HeldLease lease = database.lease(run)) {
            return start(database.batch(), lease);
        }
    }

    private JobExecution start(BatchInfrastructure batch, HeldLease lease) throws Exception {
        Steps steps = new Steps(batch);
        Job job =
                steps.job(
                        BackupVolumeJob.NAME,
                        Executions.history(database.records(), run, lease),
                        steps.once("plan", step -> {}));
        return new Executions(batch, database.records()).start(job, run);
    }

    private JobExecution leave(BatchStatus jobStatus, BatchStatus stepStatus) {
        var instance =
                database.jobs().createJobInstance(BackupVolumeJob.NAME, Executions.parameters(run));
        JobExecution execution =
                database.jobs()
                        .createJobExecution(
                                instance, Executions.parameters(run), new ExecutionContext());
        StepExecution step = database.jobs().createStepExecution("plan", execution);
        step.setStatus(stepStatus);
        database.jobs().update(step);
        execution.setStatus(jobStatus);
        database.jobs().update(execution);
        return execution;
    }

    @ParameterizedTest
    @EnumSource(
            value = BatchStatus.class,
            mode = Mode.INCLUDE,
            names = {"STARTING", "STARTED", "STOPPING", "UNKNOWN", "FAILED"})
    void aRunGoesOnWhateverItsLastProcessLeft(BatchStatus left) throws Exception {
        leave(left, left);
        assertThat(start().getStatus()).isEqualTo(BatchStatus.COMPLETED);
    }

    @Test
    void aStepThatOnlyBeganKeepsAFailedRunFromNothing() throws Exception {
        leave(BatchStatus.FAILED, BatchStatus.STARTING);
        assertThat(start().getStatus()).isEqualTo(BatchStatus.COMPLETED);
    }

    @Test
    void anInstanceWithoutExecutionIsReplaced() throws Exception {
        database.jobs().createJobInstance(BackupVolumeJob.NAME, Executions.parameters(run));
        assertThat(start().getStatus()).isEqualTo(BatchStatus.COMPLETED);
    }

    @Test
    void whoeverOpensTheDatabaseEndsWhatIsDead() throws Exception {
        JobExecution dead = leave(BatchStatus.STARTED, BatchStatus.STARTED);

        Jobs.recover(database.batch(), database.records());

        List<JobHistory.Execution> history = new JobHistory(database.records()).list();
        assertThat(history).hasSize(1);
        assertThat(history.getFirst().jobExecutionId()).isEqualTo(dead.getId());
        assertThat(history.getFirst().status()).isEqualTo("FAILED");
        assertThat(history.getFirst().exitMessage()).contains("killed");
        assertThat(history.getFirst().endTime()).isPresent();
    }

    @Test
    void aDeadExecutionOfACompletedRunIsCompleted() throws Exception {
        JobExecution dead = leave(BatchStatus.STARTED, BatchStatus.STARTED);
        try (HeldLease lease = database.lease(run)) {
            database.records().runs().addExecution(run.id(), dead.getId(), lease.lease(), "0");
        }
        database.records().runs().save(run.completed("backup", "{}", List.of(), Instant.EPOCH));

        Jobs.recover(database.batch(), database.records());

        assertThat(new JobHistory(database.records()).list())
                .extracting(JobHistory.Execution::status)
                .containsExactly("COMPLETED");
    }
}
