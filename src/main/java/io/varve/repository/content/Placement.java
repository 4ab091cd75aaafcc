package io.varve.repository.content;

import io.varve.format.index.IndexEntry;
import java.util.Optional;

/**
 * Where a content went.
 *
 * @param stored its index entry if it was stored now; empty if the repository or this session had
 *     it
 * @param durability when it may be relied on
 */
public record Placement(Optional<IndexEntry> stored, Durability durability) {

    /** Of a content that was there. */
    public static final Placement KNOWN = new Placement(Optional.empty(), Durability.DURABLE);
}
