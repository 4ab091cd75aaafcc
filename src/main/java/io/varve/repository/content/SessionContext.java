package io.varve.repository.content;

import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.format.RepositoryFormat;
import io.varve.format.SessionId;
import io.varve.format.SessionMarker;
import io.varve.format.compress.Compression;
import io.varve.format.crypto.BlobCrypto;
import io.varve.format.crypto.ContentCipher;
import io.varve.format.index.IndexBlobName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The repository as a write session sees it. Safe for many threads.
 *
 * @param dataCompression of contents without a prefix
 * @param metadataCompression of contents with one
 */
public record SessionContext(
        BlobStorage storage,
        FormatStore formats,
        RepositoryCrypto crypto,
        IndexStore indexes,
        InstantSource clock,
        RandomGenerator random,
        Compression dataCompression,
        Compression metadataCompression) {

    /** Names who writes, in session markers. */
    private static final String WRITER = "varve";

    /** Between our clock and the storage's (format, 8.6). */
    private static final Duration MAX_CLOCK_SKEW = Duration.ofMinutes(5);

    /** An epoch is settled, and may have been compacted, when two later ones have begun. */
    private static final int SETTLED_AFTER = 2;

    RepositoryFormat format() {
        return formats.format();
    }

    ByteBuffer packOpening() {
        return formats.packOpening();
    }

    void checkWritable() throws IOException {
        formats.checkWritable();
    }

    /**
     * Puts the marker that keeps maintenance from the session's packs until they are indexed.
     *
     * @throws IOException also if our clock is wrong: what we write would look old enough to be
     *     removed at once, or too young to be removed ever
     */
    BlobId putMarker(SessionId session, Instant now) throws IOException {
        checkWritable();
        SessionMarker marker = new SessionMarker(session, now, now, WRITER, WRITER);
        BlobCrypto.SealedBlob sealed =
                crypto.sealBlob(
                        SessionMarker.BLOB_PREFIX,
                        ByteBuffer.wrap(marker.encode()),
                        session.value(),
                        nonce());
        BlobId id = new BlobId(sealed.name());
        storage.put(id, sealed.body());
        checkClock(id, now);
        return id;
    }

    /** Compares our time with the one that the storage gave to a blob that was just put. */
    private void checkClock(BlobId put, Instant before) throws IOException {
        Instant after = clock.instant();
        List<Instant> given = new ArrayList<>();
        storage.list(put.value(), blob -> given.add(blob.modified()));
        for (Instant time : given) {
            if (time.isBefore(before.minus(MAX_CLOCK_SKEW))
                    || time.isAfter(after.plus(MAX_CLOCK_SKEW))) {
                Leftover.remove(storage, put);
                throw new IOException(
                        "the clock says %s here and %s at %s; maintenance would remove contents by the wrong age; set the clocks right, then run again"
                                .formatted(after, time, storage.description()));
            }
        }
    }

    /**
     * Puts an index blob into the epoch that is written now, and adds it to the view of this
     * process. If two epochs have begun meanwhile the blob may already be overlooked: then it is
     * written again (format, 5.5).
     */
    void putIndex(ByteBuffer plain, SessionId session) throws IOException {
        int epoch = indexes.writeEpoch();
        while (true) {
            BlobCrypto.SealedBlob sealed =
                    crypto.sealBlob(
                            IndexBlobName.prefix(epoch),
                            plain.duplicate(),
                            IndexBlobName.suffix(session, 1),
                            nonce());
            BlobId id = new BlobId(sealed.name());
            ConfirmedPut.put(storage, id, sealed.body());
            int now = indexes.writeEpoch();
            if (now < epoch + SETTLED_AFTER) {
                indexes.add(id.value(), plain);
                return;
            }
            Leftover.remove(storage, id);
            epoch = now;
        }
    }

    private byte[] nonce() {
        byte[] nonce = new byte[ContentCipher.NONCE_BYTES];
        random.nextBytes(nonce);
        return nonce;
    }
}
