package io.varve.repository.content;

import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Blobs of ours that nobody needs any more, and that harm nobody. */
final class Leftover {

    private static final Logger LOG = LoggerFactory.getLogger(Leftover.class);

    private Leftover() {}

    /** Deletes one; who may only add leaves it to maintenance, which removes old ones. */
    static void remove(BlobStorage storage, BlobId id) throws IOException {
        try {
            storage.delete(id);
        } catch (BlobStorageException.Denied e) {
            LOG.info("{}; maintenance removes it later", e.getMessage());
        }
    }
}
