package io.varve.job;

import io.varve.catalog.Run;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/**
 * Says that a claim's volume has all of the backup, durably, and what its last mover did for that.
 * Persisted as JSON with its run, in the place of a plan.
 */
record WrittenTarget(RestoreTotals totals) {

    static Optional<WrittenTarget> of(RunRecords records, Run run) {
        return records.runs()
                .find(run.id())
                .flatMap(Run::plan)
                .map(json -> JsonMapper.shared().readValue(json, WrittenTarget.class));
    }

    void save(RunRecords records, Run run) {
        records.runs()
                .savePlan(run.id(), JsonMapper.shared().writeValueAsString(this), new byte[0]);
    }
}
