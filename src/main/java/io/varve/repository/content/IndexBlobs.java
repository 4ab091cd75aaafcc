package io.varve.repository.content;

import io.varve.blob.BlobId;
import io.varve.blob.BlobMetadata;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException;
import io.varve.format.CorruptFormatException;
import io.varve.format.crypto.ContentCipher;
import io.varve.format.index.PackIndex;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** Reads index blobs, and keeps what they decrypt to until it is closed. Safe for many threads. */
final class IndexBlobs implements Closeable {

    /** From this length on, in bytes, a blob is read in pieces instead of at once. */
    private static final int STREAMED_FROM = 8 << 20;

    /** Over a network; each holds a blob of up to {@link #STREAMED_FROM}, or pieces. */
    private static final int AT_ONCE = 4;

    private final BlobStorage storage;
    private final RepositoryCrypto crypto;
    private final PlainIndexes plain;

    /**
     * @param plain closed with this
     */
    IndexBlobs(BlobStorage storage, RepositoryCrypto crypto, PlainIndexes plain) {
        this.storage = storage;
        this.crypto = crypto;
        this.plain = plain;
    }

    /** Takes indexes that were read. */
    @FunctionalInterface
    interface Sink {
        void take(String blob, PackIndex index);
    }

    /**
     * Reads blobs, over a network several at once, and hands them over in the order that they are
     * given in. When this returns, or fails, nothing is being read any more.
     */
    void readAll(List<BlobMetadata> blobs, Sink sink) throws IOException {
        if (storage.isRemote()) {
            readSideBySide(blobs, sink);
            return;
        }
        for (BlobMetadata blob : blobs) {
            checkInterrupt();
            sink.take(blob.id().value(), read(blob));
        }
    }

    private static void checkInterrupt() throws InterruptedIOException {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("interrupted while the index was loaded");
        }
    }

    private void readSideBySide(List<BlobMetadata> blobs, Sink sink) throws IOException {
        Deque<Fetch> running = new ArrayDeque<>();
        try {
            for (BlobMetadata blob : blobs) {
                if (running.size() == AT_ONCE) {
                    take(running, sink);
                }
                running.add(new Fetch(blob));
            }
            while (!running.isEmpty()) {
                take(running, sink);
            }
        } finally {
            running.forEach(fetch -> fetch.call.interrupt());
            running.forEach(fetch -> fetch.call.awaitEnd());
        }
    }

    private static void take(Deque<Fetch> running, Sink sink) throws IOException {
        Fetch first = running.element();
        first.call.await();
        sink.take(first.blob.id().value(), first.index.orElseThrow());
        running.remove();
    }

    /** A blob that is being read. */
    private final class Fetch {

        private final BlobMetadata blob;
        private final NetworkCall call;
        private volatile Optional<PackIndex> index = Optional.empty();

        Fetch(BlobMetadata blob) {
            this.blob = blob;
            this.call = NetworkCall.begin(this::run);
        }

        private void run() throws IOException {
            index = Optional.of(read(blob));
        }
    }

    private PackIndex read(BlobMetadata blob) throws IOException {
        BlobId id = blob.id();
        try {
            try {
                return open(id, blob.length());
            } catch (CorruptFormatException e) {
                if (storage.forgetCopy(id)) {
                    return open(id, blob.length());
                }
                throw e;
            }
        } catch (CorruptFormatException e) {
            throw damaged(id.value(), e);
        }
    }

    private PackIndex open(BlobId id, long length) throws IOException {
        Sealed sealed = sealed(storage, id, length);
        return plain.keep(
                id.value(),
                (int) sealed.length() - ContentCipher.OVERHEAD,
                sink -> crypto.openBlob(id.value(), sealed.bytes(), sealed.length(), sink));
    }

    /** Keeps an index that this process wrote. */
    PackIndex keep(String blob, ByteBuffer plainIndex) throws IOException {
        return plain.keep(blob, plainIndex.remaining(), sink -> sink.write(plainIndex.duplicate()));
    }

    /**
     * Reads a blob where it lies, whichever copies there are of it, and keeps nothing. One that was
     * compacted meanwhile is passed over: that it is missing is seen when they are listed.
     *
     * @throws DamageException if it is not what was put
     */
    void prove(BlobMetadata blob) throws IOException {
        String name = blob.id().value();
        try {
            Sealed sealed = sealed(storage.original(), blob.id(), blob.length());
            crypto.openBlob(name, sealed.bytes(), sealed.length(), _ -> {});
        } catch (CorruptFormatException e) {
            throw damaged(name, e);
        } catch (BlobStorageException.NotFound e) {
            // As above.
        }
    }

    /** An index blob as it lies, of a length that one can have. */
    private record Sealed(RepositoryCrypto.SealedBytes bytes, long length) {}

    private Sealed sealed(BlobStorage from, BlobId id, long length) throws IOException {
        if (length >= STREAMED_FROM && !crypto.wraps()) {
            return checked(id, (offset, target) -> from.read(id, offset, target), length);
        }
        ByteBuffer whole = crypto.unwrap(from.get(id)).slice();
        return checked(
                id,
                (offset, target) -> target.put(whole.slice((int) offset, target.remaining())),
                whole.remaining());
    }

    private static Sealed checked(BlobId id, RepositoryCrypto.SealedBytes bytes, long length)
            throws CorruptFormatException {
        if (length < ContentCipher.OVERHEAD || length > Integer.MAX_VALUE) {
            throw new CorruptFormatException(
                    "index blob " + id,
                    0,
                    "%d bytes, not %d to %d"
                            .formatted(length, ContentCipher.OVERHEAD, Integer.MAX_VALUE));
        }
        return new Sealed(bytes, length);
    }

    static DamageException damaged(String blob, CorruptFormatException cause) {
        return DamageException.ofBlob(blob, cause.getMessage(), cause);
    }

    @Override
    public void close() {
        plain.close();
    }
}
