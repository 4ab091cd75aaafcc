package io.varve.repository;

import io.varve.format.manifest.ManifestEntry;
import io.varve.repository.content.DamageException;
import java.util.List;
import java.util.Map;

/**
 * The labelled items of a repository as of one moment, as far as they can be read. What a damaged
 * content held is not known: an item that is missed here, a newer state of one that is shown, or
 * its deletion (docs/decisions/0012).
 *
 * @param items those that are not deleted, by id
 * @param damaged why contents cannot be read, one each; names content, blob and offset
 */
public record ManifestListing(Map<String, ManifestEntry> items, List<DamageException> damaged) {

    public ManifestListing {
        items = Map.copyOf(items);
        damaged = List.copyOf(damaged);
    }

    /** Whether everything was read: then what is not here is nowhere, and what is here is so. */
    public boolean isComplete() {
        return damaged.isEmpty();
    }
}
