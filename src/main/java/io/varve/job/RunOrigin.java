package io.varve.job;

import io.varve.catalog.Run;
import io.varve.catalog.Runs;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;

/**
 * Gives runs their ids. Those that one Kubernetes Job starts follow from it and the volume, so that
 * each of its pods comes to the same ones; once one has ended, the Job begins the next.
 *
 * @param job the UID of a Kubernetes Job; empty for a new run each time
 */
record RunOrigin(Optional<String> job, Runs runs) {

    /** The backup that an earlier pod of the same Job made of a volume, if one did. */
    Optional<String> alreadyMade(String volume) {
        if (job.isEmpty()) {
            return Optional.empty();
        }
        for (int number = 0; ; number++) {
            Optional<Run> run = runs.find(id(volume, number));
            if (run.isEmpty() || run.get().status() == Run.Status.COMPLETED) {
                return run.flatMap(Run::backupId);
            }
        }
    }

    /** The id of a run that is about to begin. */
    String newId(String volume) {
        if (job.isEmpty()) {
            return UUID.randomUUID().toString();
        }
        for (int number = 0; ; number++) {
            String id = id(volume, number);
            if (runs.find(id).isEmpty()) {
                return id;
            }
        }
    }

    private String id(String volume, int number) {
        String text = job.orElseThrow() + "\n" + volume + "\n" + number;
        return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8)).toString();
    }
}
