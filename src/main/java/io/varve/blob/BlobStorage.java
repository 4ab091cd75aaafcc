package io.varve.blob;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A flat, durable namespace of immutable blobs. Every backend passes {@code BlobStorageContract}.
 *
 * <p>Safe for many threads. A put is atomic and read-after-write: a reader sees the whole blob or
 * {@link BlobStorageException.NotFound}, never a part. Offsets and lengths are in bytes. Methods do
 * not retry; what they throw says whether a retry may help. After an {@link IOException} the
 * content of a target buffer is undefined; whether a failed put or delete took effect is unknown.
 */
public interface BlobStorage extends Closeable {

    /**
     * Stores {@code content} (its remaining bytes) under {@code id}, replacing what was there.
     * Durable when it returns: a power cut does not undo it. Leaves the buffer's position alone.
     */
    void put(BlobId id, ByteBuffer content) throws IOException;

    /**
     * Stores {@code content} unless there is a blob {@code id}; of many callers one succeeds.
     * Otherwise as {@link #put}.
     *
     * @return false if there was such a blob, which is untouched and durable
     */
    boolean putIfAbsent(BlobId id, ByteBuffer content) throws IOException;

    /**
     * The whole blob as a read-only buffer, which stays valid when the blob is replaced or deleted
     * and when this storage is closed. A big blob may be mapped from a file instead of copied.
     */
    ByteBuffer get(BlobId id) throws IOException;

    /**
     * Fills the remaining bytes of {@code target} with the blob's bytes from {@code offset} on.
     *
     * @throws EOFException if the blob ends before the target is full: never a short read
     */
    void read(BlobId id, long offset, ByteBuffer target) throws IOException;

    /**
     * Visits every blob whose id starts with {@code prefix}, in ascending order of id. A blob that
     * is put or deleted meanwhile may be visited or not.
     */
    void list(String prefix, Consumer<BlobMetadata> visitor) throws IOException;

    /** Removes a blob. Removing an absent blob succeeds. After a power cut it may be back. */
    void delete(BlobId id) throws IOException;

    /** Whether calls wait for a network, so that it pays to have several under way. */
    default boolean isRemote() {
        return false;
    }

    /**
     * This storage, with what is put {@link ObjectLock#holds locked} from now on; empty if it locks
     * nothing. Both are closed by closing one.
     */
    default Optional<BlobStorage> locked(ObjectLock lock) {
        return Optional.empty();
    }

    /**
     * Says that what was read of a blob is not what was put. Where that was a copy, it goes.
     *
     * @return whether it may have been one: then what is read next comes from where the blobs are
     */
    default boolean forgetCopy(BlobId id) {
        return false;
    }

    /** This storage without copies on this machine, to see what it really has. Closed with it. */
    default BlobStorage original() {
        return this;
    }

    /** Where the blobs are, for messages, such as {@code file:///srv/repo}. Holds no secret. */
    String description();
}
