package io.varve.job;

import io.varve.catalog.Holder;
import io.varve.catalog.LeaseName;
import java.io.IOException;
import java.util.Optional;

/** Another process took this one's lease over: what it did since its last checkpoint is void. */
public final class LeaseLostException extends IOException {

    LeaseLostException(LeaseName name, Optional<Holder> now) {
        super(
                "this process was silent for too long and lost the lease of the %s%s; nothing more was committed here, the work goes on there or with the same command"
                        .formatted(name, now.map(holder -> " to " + holder.owner()).orElse("")));
    }
}
