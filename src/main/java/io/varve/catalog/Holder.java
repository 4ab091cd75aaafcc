package io.varve.catalog;

import java.time.Instant;

/**
 * Who holds a lease, as stored.
 *
 * @param expired whether its end has come, by the database's clock
 */
public record Holder(
        Owner owner,
        long token,
        Instant acquiredAt,
        Instant renewedAt,
        boolean expired,
        boolean stopRequested) {}
