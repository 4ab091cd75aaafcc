package io.varve.job;

import io.varve.catalog.Run;
import io.varve.repository.Repository;
import java.io.IOException;
import java.util.Locale;

/** A request that cannot be carried out as it is. Nothing was changed. */
public final class JobUsageException extends IOException {

    JobUsageException(String message) {
        super(message);
    }

    /** The run is not one of the repository that is open. */
    static JobUsageException ofOtherRepository(Run run, Repository repository) {
        return new JobUsageException(
                "that run belongs to repository %s, %s is repository %s"
                        .formatted(run.repositoryId(), repository.location(), repository.id()));
    }

    /** The run has ended for good. */
    static JobUsageException ofFinished(Run run) {
        return new JobUsageException(
                "that run is %s already; nothing is left to resume"
                        .formatted(run.status().name().toLowerCase(Locale.ROOT)));
    }
}
