package io.varve.repository.content;

import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException;
import io.varve.format.CorruptFormatException;
import io.varve.format.FormatBlob;
import io.varve.format.RepositoryFormat;
import io.varve.format.UnsupportedFormatException;
import io.varve.format.crypto.FormatKeys;
import io.varve.format.crypto.KeyDerivation;
import io.varve.format.pack.FormatReplica;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * The format blob of an open repository. Kopia may change parameters, or lock the repository for an
 * upgrade, while we write: so writers look again. Safe for many threads.
 */
public final class FormatStore {

    /** The format blob. */
    public static final BlobId FORMAT = new BlobId(FormatBlob.BLOB_ID);

    /** Settings of the storage's object lock, sealed as the format blob is. */
    public static final BlobId BLOB_CONFIG = new BlobId("kopia.blobcfg");

    /** As often as kopia does. */
    private static final Duration REREAD_AFTER = Duration.ofMinutes(15);

    private final BlobStorage storage;
    private final byte[] formatKey;
    private final byte[] uniqueId;
    private final InstantSource clock;
    private RepositoryFormat format;
    private ByteBuffer replica;
    private Instant readAt;

    private FormatStore(BlobStorage storage, byte[] formatKey, Opened opened, InstantSource clock) {
        this.storage = storage;
        this.formatKey = formatKey;
        this.uniqueId = opened.blob().uniqueId().toArray();
        this.clock = clock;
        this.format = opened.format();
        this.replica = opened.replica();
        this.readAt = clock.instant();
    }

    private record Opened(FormatBlob blob, RepositoryFormat format, ByteBuffer replica) {}

    /**
     * Opens the format blob.
     *
     * @param password stays the caller's
     * @throws NoRepositoryException if there is none
     * @throws WrongPasswordException if it does not open
     */
    public static FormatStore open(BlobStorage storage, char[] password, InstantSource clock)
            throws IOException {
        byte[] bytes;
        try {
            bytes = bytes(storage.get(FORMAT));
        } catch (BlobStorageException.NotFound e) {
            throw new NoRepositoryException(storage.description());
        }
        FormatBlob blob;
        byte[] formatKey;
        try {
            blob = FormatBlob.decode(ByteBuffer.wrap(bytes));
            formatKey =
                    DerivedKeys.derive(
                            KeyDerivation.named(blob.keyAlgorithm()),
                            password,
                            blob.uniqueId().toArray());
        } catch (CorruptFormatException | UnsupportedFormatException e) {
            throw new WrongPasswordException(storage.description(), e);
        }
        Opened opened = open(storage, formatKey, blob, bytes);
        opened.format().checkUsable(clock.instant());
        FormatStore store = new FormatStore(storage, formatKey, opened, clock);
        store.checkBlobConfig();
        return store;
    }

    private static Opened open(BlobStorage storage, byte[] formatKey, FormatBlob blob, byte[] bytes)
            throws IOException {
        byte[] plain;
        try {
            plain =
                    FormatKeys.open(
                            formatKey, blob.uniqueId().toArray(), blob.sealedFormat().toArray());
        } catch (CorruptFormatException e) {
            throw new WrongPasswordException(storage.description(), e);
        }
        RepositoryFormat format = RepositoryFormat.decode(ByteBuffer.wrap(plain));
        ByteBuffer replica =
                format.packsCarryReplica()
                        ? ByteBuffer.wrap(FormatReplica.encode(bytes))
                        : ByteBuffer.allocate(0);
        return new Opened(blob, format, replica.asReadOnlyBuffer());
    }

    /** Another password's or a damaged one would make kopia refuse the repository. */
    private void checkBlobConfig() throws IOException {
        try {
            FormatKeys.open(formatKey, uniqueId, bytes(storage.get(BLOB_CONFIG)));
        } catch (CorruptFormatException e) {
            throw DamageException.ofBlob(BLOB_CONFIG.value(), e.getMessage(), e);
        } catch (BlobStorageException.NotFound e) {
            // Older repositories have none; kopia opens them too.
        }
    }

    /** The format as it was when it was last read. */
    public synchronized RepositoryFormat format() {
        return format;
    }

    /** The repository's identity. */
    public byte[] uniqueId() {
        return uniqueId.clone();
    }

    /**
     * What every pack begins with: a copy of the format blob where the format asks for it (2.8).
     */
    synchronized ByteBuffer packOpening() {
        return replica.duplicate();
    }

    /**
     * Refuses to go on if this repository is not ours to write, or is locked for an upgrade. Reads
     * the format blob again when the copy is old.
     */
    public synchronized void checkWritable() throws IOException {
        if (readAt.plus(REREAD_AFTER).isBefore(clock.instant())) {
            byte[] bytes = bytes(storage.get(FORMAT));
            Opened opened =
                    open(storage, formatKey, FormatBlob.decode(ByteBuffer.wrap(bytes)), bytes);
            format = opened.format();
            replica = opened.replica();
            readAt = clock.instant();
        }
        Optional<String> reason = format.whyReadOnly();
        if (reason.isPresent()) {
            throw new ReadOnlyRepositoryException(storage.description(), reason.get());
        }
        format.checkUsable(clock.instant());
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}
