package io.varve.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.database.EveryDatabase;
import io.varve.database.TestDatabase;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@EveryDatabase
class JobHistoryTest {

    private final JobDatabase database;

    JobHistoryTest(TestDatabase kind, @TempDir Path folder) throws Exception {
        database = new JobDatabase(kind.create(folder));
    }

    @AfterEach
    void closeDatabase() throws Exception {
        database.close();
    }

    @Test
    void twoHundredExecutionsAreListedWithOneQuery() {
        ManyRuns.fill(database, 200);
        database.records()
                .jdbc()
                .update(
                        "UPDATE batch_job_execution SET job_instance_id = 1 WHERE job_execution_id IN (100, 200)");
        JobHistory history = new JobHistory(database.records());
        int before = database.statements();

        List<JobHistory.Execution> listed = history.list();

        assertThat(database.statements() - before).isEqualTo(1);
        assertThat(listed)
                .extracting(JobHistory.Execution::jobExecutionId)
                .hasSize(200)
                .startsWith(200L, 199L)
                .endsWith(1L);
        JobHistory.Execution newest = listed.getFirst();
        assertThat(newest.job()).isEqualTo("backupVolume");
        assertThat(newest.volume()).isEqualTo("volume");
        assertThat(newest.runId()).contains("run-200");
        assertThat(newest.host()).contains("host");
        assertThat(newest.pid()).contains(200L);
        assertThat(newest.restartOf()).contains(100L);
        assertThat(listed.get(100).restartOf()).contains(1L);
        assertThat(listed.get(1).restartOf()).isEqualTo(Optional.empty());
    }
}
