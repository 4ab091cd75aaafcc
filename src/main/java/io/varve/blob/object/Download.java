package io.varve.blob.object;

import io.varve.blob.BlobStorageException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer, into memory: whole, or not at all.
 *
 * @param doing what is done, such as {@code read blob p3f2}
 * @param storage what answers
 */
public record Download(String doing, String storage) {

    /**
     * A whole object, read-only.
     *
     * @param length of the body, as told; null where it comes in pieces
     */
    public ByteBuffer whole(@Nullable Long length, InputStream body) throws IOException {
        if (length == null) {
            return ByteBuffer.wrap(body.readAllBytes()).asReadOnlyBuffer();
        }
        ByteBuffer content = allocated(length);
        BufferInput.fill(content, body);
        if (content.hasRemaining()) {
            throw cutOff(content.position(), length);
        }
        return content.flip().asReadOnlyBuffer();
    }

    /**
     * Memory for a whole object.
     *
     * @throws BlobStorageException.Damaged if it is bigger than a buffer can be
     */
    public ByteBuffer allocated(long length) throws BlobStorageException.Damaged {
        if (length > Integer.MAX_VALUE) {
            throw new BlobStorageException.Damaged(
                    doing, length + " bytes do not fit into one buffer; read it in parts", null);
        }
        return ByteBuffer.allocate((int) length);
    }

    /**
     * Fills {@code target} as far as the object goes, and not from anywhere else in it.
     *
     * @param header {@code Content-Range} as it came; null where there is none
     */
    public void range(@Nullable String header, long offset, ByteBuffer target, InputStream body)
            throws IOException {
        ContentRange range = checked(header, offset, target.remaining());
        int before = target.position();
        BufferInput.fill(target, body);
        int got = target.position() - before;
        if (got < range.length()) {
            throw cutOff(got, range.length());
        }
    }

    /**
     * Which bytes come.
     *
     * @param wanted bytes from {@code offset} on
     * @throws BlobStorageException.Denied if they are others than those that were asked for
     */
    public ContentRange checked(@Nullable String header, long offset, int wanted)
            throws BlobStorageException.Denied {
        ContentRange range = ContentRange.parse(header);
        long last = Math.addExact(offset, wanted - 1);
        if (range.first() != offset || range.last() > last) {
            throw new BlobStorageException.Denied(
                    doing,
                    storage,
                    new IOException(
                            "bytes %d to %d were asked for, and the answer is '%s': something between ignores ranges"
                                    .formatted(offset, last, header)));
        }
        return range;
    }

    /** Of an answer that is worth another try. */
    public BlobStorageException.Unavailable cutOff(long got, long told) {
        return new BlobStorageException.Unavailable(
                doing,
                storage,
                new EOFException("the answer ended after %d of %d bytes".formatted(got, told)));
    }

    /** Of an answer that nobody can tell a part of from the whole. */
    public BlobStorageException.Denied withoutLength() {
        return new BlobStorageException.Denied(
                doing, storage, new IOException("the answer does not say how long it is"));
    }

    /** Of an answer that goes on after what it said. */
    public BlobStorageException.Denied tooLong(long told) {
        return new BlobStorageException.Denied(
                doing,
                storage,
                new IOException(
                        "the answer is longer than the %d bytes that it tells".formatted(told)));
    }

    /** Of an object that ends before what is wanted of it does. */
    public EOFException tooShort(long offset, int wanted, int missing) {
        return new EOFException(
                "%s: %d bytes at byte %d wanted, but only %d are there (in %s)"
                        .formatted(doing, wanted, offset, wanted - missing, storage));
    }
}
