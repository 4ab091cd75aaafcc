package io.varve.repository.content;

import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException;
import io.varve.blob.ObjectLock;
import io.varve.format.BlobConfig;
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
import java.util.Arrays;
import java.util.Optional;

/**
 * The format blob of an open repository. Kopia may change parameters, or lock the repository for an
 * upgrade, while we write: so writers look again. Safe for many threads.
 */
public final class FormatStore {

    /** The format blob. */
    public static final BlobId FORMAT = new BlobId(FormatBlob.BLOB_ID);

    /** Settings of the storage's object lock, sealed as the format blob is. */
    public static final BlobId BLOB_CONFIG = new BlobId(BlobConfig.BLOB_ID);

    /** As often as kopia does. */
    private static final Duration REREAD_AFTER = Duration.ofMinutes(15);

    private final BlobStorage storage;
    private final byte[] formatKey;
    private final byte[] uniqueId;
    private final InstantSource clock;
    private final BlobConfig config;
    private RepositoryFormat format;
    private ByteBuffer replica;
    private Instant readAt;

    private FormatStore(BlobStorage storage, byte[] formatKey, Opened opened, InstantSource clock)
            throws IOException {
        this.storage = storage;
        this.formatKey = formatKey;
        this.uniqueId = opened.blob().uniqueId().toArray();
        this.clock = clock;
        this.format = opened.format();
        this.replica = opened.replica();
        this.readAt = clock.instant();
        this.config = readConfig();
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
        return new FormatStore(storage, formatKey, opened, clock);
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
    private BlobConfig readConfig() throws IOException {
        try {
            byte[] json = FormatKeys.open(formatKey, uniqueId, bytes(storage.get(BLOB_CONFIG)));
            return BlobConfig.decode(ByteBuffer.wrap(json));
        } catch (CorruptFormatException e) {
            throw DamageException.ofBlob(BLOB_CONFIG.value(), e.getMessage(), e);
        } catch (BlobStorageException.NotFound e) {
            // Older repositories have none; kopia opens them too.
            return BlobConfig.NONE;
        }
    }

    private static Optional<ObjectLock> lock(BlobConfig.Retention retention) {
        return Arrays.stream(ObjectLock.Mode.values())
                .filter(mode -> mode.name().equals(retention.mode()))
                .filter(_ -> retention.period().compareTo(ObjectLock.SHORTEST) >= 0)
                .map(mode -> new ObjectLock(mode, retention.period()))
                .findFirst();
    }

    /** What {@link #BLOB_CONFIG} holds, before it is sealed. */
    public static byte[] config(Optional<ObjectLock> lock) {
        return new BlobConfig(
                        lock.map(
                                held ->
                                        new BlobConfig.Retention(
                                                held.mode().name(), held.period())))
                .encode();
    }

    /**
     * Completes a repository whose creator died before it said how blobs are locked.
     *
     * @throws IOException if it is said, and differently
     */
    public void decideLock(ObjectLock wanted, byte[] nonce) throws IOException {
        if (lock().equals(Optional.of(wanted))) {
            return;
        }
        byte[] sealed = FormatKeys.seal(formatKey, uniqueId, nonce, config(Optional.of(wanted)));
        BlobStorage locking = storage.locked(wanted).orElse(storage);
        if (!locking.putIfAbsent(BLOB_CONFIG, ByteBuffer.wrap(sealed))) {
            throw new IOException(
                    "the repository at %s has %s, and was to have %s; leave the lock out, or create another one elsewhere"
                            .formatted(
                                    storage.description(),
                                    config.retention().map(FormatStore::words).orElse("no lock"),
                                    "%s for %s".formatted(wanted.mode(), wanted.period())));
        }
    }

    private static String words(BlobConfig.Retention retention) {
        return "%s for %s".formatted(retention.mode(), retention.period());
    }

    /** What holds blobs that are put. */
    public Optional<ObjectLock> lock() {
        return config.retention().flatMap(FormatStore::lock);
    }

    /** Why blobs cannot be put as the repository wants them. */
    private Optional<String> whyUnlockable() {
        Optional<BlobConfig.Retention> retention = config.retention();
        if (retention.isEmpty()) {
            return Optional.empty();
        }
        Optional<ObjectLock> known = lock();
        if (known.isEmpty()) {
            return Optional.of(
                    "what is put into it is to be locked, %s, which this version does not know"
                            .formatted(words(retention.get())));
        }
        return storage.locked(known.get()).isPresent()
                ? Optional.empty()
                : Optional.of(
                        "what is put into it is to be locked, which this version does in buckets of S3 alone");
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
            if (!readConfig().equals(config)) {
                throw new IOException(
                        "how blobs of the repository at %s are locked was changed while it was written to; run again"
                                .formatted(storage.description()));
            }
            format = opened.format();
            replica = opened.replica();
            readAt = clock.instant();
        }
        Optional<String> reason = whyUnlockable().or(format::whyReadOnly);
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
