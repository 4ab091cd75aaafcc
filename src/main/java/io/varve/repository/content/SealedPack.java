package io.varve.repository.content;

import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.format.index.IndexEntry;
import java.io.IOException;
import java.util.List;

/**
 * A pack that takes no further content.
 *
 * @param entries in order of their offsets
 * @param confirm whether the storage is asked if it kept it, as nothing proves it later
 * @param memory that holds it
 */
record SealedPack(BlobId id, List<IndexEntry> entries, boolean confirm, PackBuffer memory) {

    /** Puts it: afterwards it is durable. */
    void put(BlobStorage storage) throws IOException {
        if (confirm) {
            ConfirmedPut.put(storage, id, memory.bytes().duplicate().flip());
        } else {
            storage.put(id, memory.bytes().duplicate().flip());
        }
    }
}
