package io.varve.repository.verify;

import io.varve.blob.BlobStorage;
import io.varve.format.index.IndexEntry;
import io.varve.repository.content.DamageException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** The packs that the storage lists, with their lengths. */
final class Packs {

    private final Map<String, Long> lengths = new HashMap<>();

    Packs(BlobStorage storage) throws IOException {
        for (String prefix : new String[] {"p", "q"}) {
            storage.list(prefix, blob -> lengths.put(blob.id().value(), blob.length()));
        }
    }

    Map<String, Long> lengths() {
        return lengths;
    }

    /** Checks that the pack is there and long enough to hold what the entry says. */
    void check(IndexEntry entry) throws DamageException {
        Long length = lengths.get(entry.pack());
        if (length == null) {
            throw DamageException.at(entry, "the pack is missing", null);
        }
        long end = (long) entry.packOffset() + entry.packedLength();
        if (end > length) {
            throw DamageException.at(
                    entry,
                    "the pack has %d bytes, the content ends at %d".formatted(length, end),
                    null);
        }
    }
}
