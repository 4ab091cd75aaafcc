package io.varve.job;

import io.varve.catalog.Run;
import io.varve.repository.Repository;
import java.io.IOException;
import java.util.List;
import org.springframework.batch.core.listener.JobExecutionListener;
import tools.jackson.databind.json.JsonMapper;

/** One run of a deletion in this process: what its steps do. */
record DeleteRun(Run run, RunRecords records, Repository repository, HeldLease lease) {

    /**
     * What the run keeps of its request. Persisted as JSON.
     *
     * @param backupIds sorted, of one volume
     * @param warnings what their deletion may leave elsewhere; null in runs of older releases
     */
    record Request(List<String> backupIds, List<String> warnings) {

        @SuppressWarnings("NullAway") // A reader of JSON passes null for what is not there.
        Request {
            backupIds = List.copyOf(backupIds);
            warnings = warnings == null ? List.of() : List.copyOf(warnings);
        }

        String toJson() {
            return JsonMapper.shared().writeValueAsString(this);
        }

        static Request of(Run run) {
            return read(run.request());
        }

        static Request read(String json) {
            return JsonMapper.shared().readValue(json, Request.class);
        }
    }

    List<String> backupIds() {
        return Request.of(run).backupIds();
    }

    /** Records what this execution is and how it ends. */
    JobExecutionListener history() {
        return Executions.history(records, run, lease);
    }

    /** Nothing is deleted unless all of it can be found or is known to be gone. */
    void resolve() throws IOException {
        repository.backups().present(backupIds());
    }

    void delete() throws IOException {
        List<String> present = repository.backups().present(backupIds());
        if (!present.isEmpty()) {
            repository.backups().delete(present);
        }
    }

    void release() {
        records.backups().remove(run.repositoryId(), backupIds());
        records.runs()
                .save(
                        run.completed(
                                backupIds().getFirst(),
                                run.request(),
                                Request.of(run).warnings(),
                                records.now()));
    }
}
