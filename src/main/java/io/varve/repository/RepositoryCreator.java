package io.varve.repository;

import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException;
import io.varve.format.Bytes;
import io.varve.format.FormatBlob;
import io.varve.format.RepositoryFormat;
import io.varve.format.crypto.FormatKeys;
import io.varve.format.crypto.KeyDerivation;
import io.varve.format.manifest.GlobalPolicy;
import io.varve.format.manifest.MaintenanceParameters;
import io.varve.repository.content.DerivedKeys;
import io.varve.repository.content.FormatStore;
import io.varve.repository.content.WriteSession;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.random.RandomGenerator;

/**
 * Creates repositories, also when several processes do so at once: the put of the format blob
 * decides who wins, and everybody then completes what a winner that died left out.
 */
public final class RepositoryCreator {

    /** Who may run {@code kopia}'s maintenance: the user and host that our backups are under. */
    public static final String MAINTENANCE_OWNER = "varve@varve";

    /** Named in the format blob as the program that made it. */
    private static final String WRITER = "varve";

    private final BlobStorage storage;
    private final RepositorySettings settings;

    /** Creates in {@code storage}, which is empty or holds a repository. */
    public RepositoryCreator(BlobStorage storage, RepositorySettings settings) {
        this.storage = storage;
        this.settings = settings;
    }

    /**
     * Creates a repository and opens it.
     *
     * @throws RepositoryExistsException if there is one
     */
    public Repository create(CreateOptions options, char[] password) throws IOException {
        if (!putFormat(options, password)) {
            throw new RepositoryExistsException(storage.description());
        }
        return completed(options, password);
    }

    /** Creates a repository unless there is one, and opens it; tells which of both it was. */
    public Opened createIfMissing(CreateOptions options, char[] password) throws IOException {
        boolean created = putFormat(options, password);
        if (!created && options.lock().isPresent()) {
            FormatStore.open(storage, password, settings.clock())
                    .decideLock(options.lock().get(), random(FormatKeys.NONCE_BYTES));
        }
        return new Opened(completed(options, password), created);
    }

    /**
     * A repository that was created or found.
     *
     * @param created whether it was this call that created it
     */
    public record Opened(Repository repository, boolean created) {}

    private boolean putFormat(CreateOptions options, char[] password) throws IOException {
        // In this order: the format blob is put first, so whoever sees a winner's other blob sees
        // it.
        boolean hasConfig = exists(FormatStore.BLOB_CONFIG);
        if (exists(FormatStore.FORMAT)) {
            return false;
        }
        if (hasConfig) {
            throw new IOException(
                    "%s holds kopia.blobcfg but no kopia.repository: the rest of a lost or unfinished repository; nothing was changed; look at it, then use an empty place"
                            .formatted(storage.description()));
        }
        BlobStorage locking = locking(options);
        byte[] config = FormatStore.config(options.lock());
        byte[] uniqueId = random(FormatBlob.UNIQUE_ID_BYTES);
        KeyDerivation derivation = KeyDerivation.SCRYPT_65536_8_1;
        byte[] key = DerivedKeys.derive(derivation, password, uniqueId);
        RepositoryFormat format =
                RepositoryFormat.create(
                        options.hash().formatName(),
                        options.encryption().formatName(),
                        Bytes.copyOf(random(RepositoryFormat.KEY_BYTES)),
                        Bytes.copyOf(random(RepositoryFormat.KEY_BYTES)),
                        options.splitter());
        byte[] sealed =
                FormatKeys.seal(key, uniqueId, random(FormatKeys.NONCE_BYTES), format.encode());
        FormatBlob blob =
                new FormatBlob(
                        WRITER,
                        Bytes.copyOf(uniqueId),
                        derivation.formatName(),
                        Bytes.copyOf(sealed));
        boolean won = putFormat(locking, ByteBuffer.wrap(blob.encode()));
        if (won) {
            // After the format blob, not before it as kopia does: the loser of a race would leave
            // one that the winner's key does not open.
            byte[] nonce = random(FormatKeys.NONCE_BYTES);
            locking.putIfAbsent(
                    FormatStore.BLOB_CONFIG,
                    ByteBuffer.wrap(FormatKeys.seal(key, uniqueId, nonce, config)));
        }
        return won;
    }

    /** Some servers keep an object that they refuse to lock: it would be half a repository. */
    private boolean putFormat(BlobStorage locking, ByteBuffer format) throws IOException {
        try {
            return locking.putIfAbsent(FormatStore.FORMAT, format);
        } catch (BlobStorageException.Denied e) {
            try {
                if (exists(FormatStore.FORMAT) && storage.get(FormatStore.FORMAT).equals(format)) {
                    storage.delete(FormatStore.FORMAT);
                }
            } catch (IOException left) {
                e.addSuppressed(left);
            }
            throw e;
        }
    }

    private BlobStorage locking(CreateOptions options) throws IOException {
        if (options.lock().isEmpty()) {
            return storage;
        }
        return storage.locked(options.lock().get())
                .orElseThrow(
                        () ->
                                new IOException(
                                        "create a repository at %s: blobs are locked in buckets of S3 alone; nothing was written, leave the lock out or use such a bucket"
                                                .formatted(storage.description())));
    }

    private boolean exists(BlobId id) throws IOException {
        boolean[] found = {false};
        storage.list(id.value(), blob -> found[0] |= blob.id().equals(id));
        return found[0];
    }

    private Repository completed(CreateOptions options, char[] password) throws IOException {
        Repository repository = Repository.open(storage, password, settings);
        try {
            if (repository.format().whyReadOnly().isEmpty()) {
                putMissingParameters(repository, options);
            }
            return repository;
        } catch (IOException | RuntimeException e) {
            repository.close();
            throw e;
        }
    }

    /**
     * Without an owner nobody may run maintenance; without a policy nobody knows the compression. A
     * repository that holds items, or did before it was damaged, has been in use: others may have
     * made it, and it stays as it is.
     */
    private static void putMissingParameters(Repository repository, CreateOptions options)
            throws IOException {
        Manifests manifests = repository.manifests();
        ManifestListing there = manifests.load();
        if (!there.isComplete() || !there.items().isEmpty()) {
            return;
        }
        try (WriteSession session = repository.newSession()) {
            manifests.put(
                    session,
                    idOf(repository, "maintenance"),
                    MaintenanceParameters.LABELS,
                    MaintenanceParameters.ownedBy(MAINTENANCE_OWNER).encode());
            manifests.put(
                    session,
                    idOf(repository, "policy"),
                    GlobalPolicy.LABELS,
                    new GlobalPolicy(options.compression().compressorName()).encode());
            session.finish();
        }
    }

    /** The same for everybody who completes this repository, so that two leave one item. */
    private static String idOf(Repository repository, String item) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(
                                    ("varve:" + item + ":" + repository.id())
                                            .getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private byte[] random(int count) {
        RandomGenerator random = settings.random();
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }
}
