package io.varve.blob.object;

import io.varve.blob.BlobId;
import io.varve.blob.BlobMetadata;
import io.varve.blob.BlobStorageException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.function.Consumer;

/** Objects as a server lists them, on their way to who visits blobs. For one use. */
public final class Listing {

    private final String storage;
    private final String prefix;
    private final Consumer<BlobMetadata> visitor;
    private String before = "";

    /**
     * @param storage what lists them
     * @param prefix that was asked for
     */
    public Listing(String storage, String prefix, Consumer<BlobMetadata> visitor) {
        this.storage = storage;
        this.prefix = prefix;
        this.visitor = visitor;
    }

    /**
     * Passes it on if it can be a blob: others may have put something there, as Kopia does, {@code
     * .storageconfig}.
     *
     * @param name without the location's prefix
     * @throws BlobStorageException.Damaged if it does not come after the one before
     */
    public void visit(String name, long length, Instant modified)
            throws BlobStorageException.Damaged {
        if (!name.isEmpty() && compare(name, before) <= 0) {
            throw new BlobStorageException.Damaged(
                    "list blobs '%s*'".formatted(prefix),
                    "%s lists '%s' after '%s': servers that do not list in order cannot be used"
                            .formatted(storage, name, before),
                    null);
        }
        before = name;
        if (BlobId.isValid(name)) {
            visitor.accept(new BlobMetadata(new BlobId(name), length, modified));
        }
    }

    /** As object stores order keys: by their bytes in UTF-8. */
    private static int compare(String one, String other) {
        return Arrays.compareUnsigned(
                one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }
}
