package io.varve.repository.content;

import io.varve.blob.BlobId;
import io.varve.blob.BlobMetadata;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts of blobs that nothing proves later, as a backup's proof does with packs of blocks: what
 * makes a backup visible. A storage that confirms what it does not keep is found out before anybody
 * is told that there is a backup.
 */
final class ConfirmedPut {

    private ConfirmedPut() {}

    /**
     * Puts a blob, and looks whether it is there.
     *
     * @throws BlobStorageException.Unavailable if it is not
     */
    static void put(BlobStorage storage, BlobId id, ByteBuffer content) throws IOException {
        storage.put(id, content);
        List<BlobMetadata> found = new ArrayList<>();
        storage.list(
                id.value(),
                blob -> {
                    if (blob.id().equals(id)) {
                        found.add(blob);
                    }
                });
        long length = found.isEmpty() ? 0 : found.getFirst().length();
        if (length != content.remaining() || found.isEmpty()) {
            if (!found.isEmpty()) {
                // Half a blob would be taken for a damaged one by everybody.
                Leftover.remove(storage, id);
            }
            throw new BlobStorageException.Unavailable(
                    "write blob " + id,
                    storage.description(),
                    new IOException(
                            "it confirmed %d bytes and has %s; run again"
                                    .formatted(
                                            content.remaining(),
                                            found.isEmpty() ? "no such blob" : length + " bytes")));
        }
    }
}
