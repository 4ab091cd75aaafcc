package io.varve.repository.verify;

import io.varve.blob.BlobStorage;
import io.varve.format.index.IndexEntry;
import io.varve.repository.content.DamageException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** The packs that the storage lists, with their lengths. */
final class Packs {

    private final BlobStorage storage;
    private final Map<String, Long> lengths = new HashMap<>();

    Packs(BlobStorage storage) throws IOException {
        this.storage = storage;
        list("p");
        list("q");
    }

    private void list(String prefix) throws IOException {
        storage.list(prefix, blob -> lengths.put(blob.id().value(), blob.length()));
    }

    Map<String, Long> lengths() {
        return lengths;
    }

    /** Checks that the pack is there and long enough to hold what the entry says. */
    void check(IndexEntry entry) throws IOException {
        if (!lengths.containsKey(entry.pack())) {
            // A backup that ended after the listing may have put it; lost packs are rare.
            list(entry.pack());
        }
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
