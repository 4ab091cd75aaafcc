package io.varve.job;

import io.varve.catalog.Holder;
import io.varve.catalog.LeaseName;
import java.io.IOException;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/** Another process runs what was asked for. */
public final class RunBusyException extends IOException {

    /**
     * @param execution the holder's, if it has begun one
     */
    public RunBusyException(LeaseName name, Holder holder, Optional<Long> execution) {
        super(
                "the %s is being run by %s since %s (last sign of life %s)%s; wait for it to end%s"
                        .formatted(
                                name,
                                holder.owner(),
                                holder.acquiredAt().truncatedTo(ChronoUnit.SECONDS),
                                holder.renewedAt().truncatedTo(ChronoUnit.SECONDS),
                                execution.map(" as execution %d"::formatted).orElse(""),
                                execution.map(", or 'varve job stop %d'"::formatted).orElse("")));
    }
}
