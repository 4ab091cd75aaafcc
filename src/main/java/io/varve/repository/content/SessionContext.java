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
import java.time.Instant;
import java.time.InstantSource;
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

    /** Puts the marker that keeps maintenance from the session's packs until they are indexed. */
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
        return id;
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
            storage.put(id, sealed.body());
            int now = indexes.writeEpoch();
            if (now < epoch + SETTLED_AFTER) {
                indexes.add(id.value(), plain);
                return;
            }
            storage.delete(id);
            epoch = now;
        }
    }

    private byte[] nonce() {
        byte[] nonce = new byte[ContentCipher.NONCE_BYTES];
        random.nextBytes(nonce);
        return nonce;
    }
}
