package io.varve.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ClaimDeletionsTest extends ClaimBackupHarness {

    @Test
    void whoDeletesTheNewestBackupOfAClaimIsToldWhichSnapshotItsStorageMayKeep() throws Exception {
        String older = backUp().published().orElseThrow().backupId();
        String newest = backUp().published().orElseThrow().backupId();

        assertThat(delete(older).warnings()).isEmpty();
        DeleteOutcome outcome = delete(newest);

        assertThat(outcome.warnings())
                .singleElement()
                .asString()
                .contains(newest, "volume-1", "of driver driver", "varve sweep");
        assertThat(rows().queryForList("SELECT warnings FROM v_runs WHERE kind = 'DELETE'"))
                .anySatisfy(row -> assertThat(row.toString()).contains(newest));
    }

    @Test
    void aDeletionThatAnOlderReleaseBeganHasNoWarnings() {
        assertThat(new DeleteRun.Request(List.of("a"), List.of("w")).toJson())
                .isEqualTo("{\"backupIds\":[\"a\"],\"warnings\":[\"w\"]}");
        assertThat(DeleteRun.Request.read("{\"backupIds\":[\"a\"]}").warnings()).isEmpty();
    }

    private DeleteOutcome delete(String id) throws Exception {
        return new DeleteRuns(database.batch(new StopSignal()), database.records())
                .run(repository, List.of(id))
                .getFirst();
    }
}
