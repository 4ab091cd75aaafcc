package io.varve.blob.object;

import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.UUID;

/** What rests on a server that puts an object only where there is none. */
public final class ConditionalPuts {

    private ConditionalPuts() {}

    /**
     * A put for who may only add. A try that failed may have put it all the same.
     *
     * @throws BlobStorageException.Denied if there is another blob of that name
     */
    public static void append(BlobStorage storage, BlobId id, ByteBuffer content)
            throws IOException {
        if (!storage.putIfAbsent(id, content) && !storage.get(id).equals(content)) {
            throw new BlobStorageException.Denied(
                    "write blob " + id,
                    storage.description(),
                    new IOException("there is another one, and the location is append-only"));
        }
    }

    /**
     * Tries it with a blob that others take for a log, and ignore.
     *
     * @param condition of the protocol, for who reads what failed
     * @param appendOnly whether the blob cannot be deleted, and stays
     * @throws BlobStorageException.Denied if the server does not heed it: two who create a
     *     repository at once would destroy it
     */
    public static void check(BlobStorage storage, String condition, boolean appendOnly)
            throws IOException {
        BlobId probe = new BlobId("_log_varve_probe_" + UUID.randomUUID());
        ByteBuffer content = ByteBuffer.wrap(new byte[] {1});
        storage.putIfAbsent(probe, content);
        boolean overwritten = storage.putIfAbsent(probe, content);
        if (!appendOnly) {
            storage.delete(probe);
        }
        if (overwritten) {
            throw new BlobStorageException.Denied(
                    "create a repository",
                    storage.description(),
                    new IOException(
                            "the server ignores %s, so that two who create one at once would destroy it"
                                    .formatted(condition)));
        }
    }
}
