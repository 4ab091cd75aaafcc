package io.varve.cli;

import io.varve.blob.BlobStorage;
import io.varve.blob.StorageLocation;
import io.varve.blob.cache.BlobCache;
import io.varve.blob.cache.CachedBlobStorage;
import io.varve.blob.limit.LimitedBlobStorage;
import io.varve.blob.limit.RateSchedule;
import io.varve.job.definition.Quantity;
import io.varve.job.definition.Rates;
import io.varve.repository.CreateOptions;
import io.varve.repository.Repository;
import io.varve.repository.RepositoryCreator;
import io.varve.repository.RepositorySettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Opens the repository that the settings name. */
final class RepositoryAccess {

    private static final long NO_CACHE = 0;

    private final Surroundings surroundings;
    private final GlobalOptions options;

    RepositoryAccess(Surroundings surroundings, GlobalOptions options) {
        this.surroundings = surroundings;
        this.options = options;
    }

    /** Opens it; the caller closes it. */
    Repository open() throws IOException {
        return use(storage(surroundings.openers().storage()::open, cacheSize()), this::open);
    }

    /** Opens it, to be read where it lies and nowhere else; the caller closes it. */
    Repository openPastCache() throws IOException {
        return use(storage(surroundings.openers().storage()::open, NO_CACHE), this::open);
    }

    /**
     * Begins to open it; the caller closes it. One whose folder is not there is refused at once.
     */
    Opening<Repository> begin() throws IOException {
        return begin(CompletableFuture.completedFuture(0L));
    }

    /**
     * The same, and has code made ready for so many bytes, which are to be hashed when the database
     * and the jobs are open too.
     *
     * @param bytesToHash completed by the caller, whatever happens
     */
    Opening<Repository> begin(CompletableFuture<Long> bytesToHash) throws IOException {
        Opened opened = storage(surroundings.openers().storage()::open, cacheSize());
        return Opening.begin("repository", () -> prepared(use(opened, this::open), bytesToHash));
    }

    /** As {@link #begin()}, but its index may still be being loaded when it is open. */
    Opening<Repository> beginWithoutIndex() throws IOException {
        Opened opened = storage(surroundings.openers().storage()::open, cacheSize());
        return Opening.begin(
                "repository",
                () ->
                        use(
                                opened,
                                (storage, password) ->
                                        Repository.begin(storage, password, settings())));
    }

    private static Repository prepared(Repository repository, CompletableFuture<Long> bytesToHash)
            throws IOException {
        boolean done = false;
        try {
            repository.prepareHashing(bytesToHash.join());
            done = true;
            return repository;
        } finally {
            if (!done) {
                repository.close();
            }
        }
    }

    private Repository open(BlobStorage storage, char[] password) throws IOException {
        return Repository.open(storage, password, settings());
    }

    /**
     * Creates it; the caller closes it.
     *
     * @param ifMissing whether one that is there is opened instead
     */
    RepositoryCreator.Opened create(CreateOptions create, boolean ifMissing) throws IOException {
        return use(
                storage(surroundings.openers().storage()::create, NO_CACHE),
                (storage, password) -> {
                    RepositoryCreator creator = new RepositoryCreator(storage, settings());
                    return ifMissing
                            ? creator.createIfMissing(create, password)
                            : new RepositoryCreator.Opened(creator.create(create, password), true);
                });
    }

    /** A storage, and the password of the repository in it. For one use. */
    private static final class Opened {

        private final BlobStorage storage;
        private final char[] password;

        Opened(BlobStorage storage, char[] password) {
            this.storage = storage;
            this.password = password;
        }
    }

    /** Where a storage comes from. */
    @FunctionalInterface
    private interface StorageSource {
        BlobStorage of(StorageLocation location) throws IOException;
    }

    private Opened storage(StorageSource source, long cacheSize) throws IOException {
        StorageLocation location = location();
        // Before anything is made.
        char[] password = RepositoryPassword.find(surroundings.settings());
        boolean done = false;
        try {
            RateSchedule up = rate(options.limitUpload(), Setting.LIMIT_UPLOAD);
            RateSchedule down = rate(options.limitDownload(), Setting.LIMIT_DOWNLOAD);
            BlobStorage storage = source.of(location);
            if (!up.isUnlimited() || !down.isUnlimited()) {
                storage = LimitedBlobStorage.of(storage, up, down, LimitedBlobStorage.Time.real());
            }
            Opened opened = new Opened(cached(storage, cacheSize), password);
            done = true;
            return opened;
        } finally {
            if (!done) {
                Arrays.fill(password, '\0');
            }
        }
    }

    /** With copies on this machine of what is far away. */
    private BlobStorage cached(BlobStorage storage, long size) {
        return storage.isRemote() && size > 0
                ? new CachedBlobStorage(
                        storage,
                        new BlobCache(copies(), storage.description(), size, surroundings.clock()))
                : storage;
    }

    private long cacheSize() throws UsageException {
        String text = surroundings.settings().find(Setting.CACHE_SIZE).orElse("1Gi");
        try {
            long size = Quantity.bytes(text);
            if (size == 0 || size >= BlobCache.LEAST_BYTES) {
                return size;
            }
        } catch (IllegalArgumentException noQuantity) {
            // Said below, together with sizes that are too small.
        }
        throw new UsageException(
                "%s (%s in application.yaml) is '%s'; it must be 0, or 256Mi at least"
                        .formatted(
                                Setting.CACHE_SIZE.variable(),
                                Setting.CACHE_SIZE.property(),
                                text));
    }

    private RateSchedule rate(Optional<String> flag, Setting setting) throws UsageException {
        Optional<String> text = flag.or(() -> surroundings.settings().find(setting));
        try {
            return text.map(Rates::parse).orElse(RateSchedule.UNLIMITED);
        } catch (IllegalArgumentException e) {
            throw new UsageException(Failure.describe(e), e);
        }
    }

    /** What is done with a storage and a password. */
    @FunctionalInterface
    private interface Use<T> {
        T of(BlobStorage storage, char[] password) throws IOException;
    }

    /** Wipes the password; closes the storage if it fails. */
    private static <T> T use(Opened opened, Use<T> use) throws IOException {
        boolean done = false;
        try {
            T result = use.of(opened.storage, opened.password);
            done = true;
            return result;
        } finally {
            Arrays.fill(opened.password, '\0');
            if (!done) {
                opened.storage.close();
            }
        }
    }

    /** Where the repository lies, by flag or setting. */
    StorageLocation location() throws UsageException {
        String text =
                options.repository()
                        .or(() -> surroundings.settings().find(Setting.REPOSITORY))
                        .orElseThrow(
                                () ->
                                        new UsageException(
                                                "no repository given: use --repository or set"
                                                        + " VARVE_REPOSITORY"));
        try {
            return StorageLocation.parse(text);
        } catch (IllegalArgumentException e) {
            throw new UsageException(Failure.describe(e), e);
        }
    }

    private RepositorySettings settings() {
        return new RepositorySettings(cacheFolder(), surroundings.clock(), surroundings.random());
    }

    /** Of blobs; machines may share it. */
    private Path copies() {
        return surroundings
                .settings()
                .find(Setting.CACHE)
                .map(Path::of)
                .orElseGet(this::cacheFolder)
                .toAbsolutePath()
                .resolve("blobs");
    }

    private Path cacheFolder() {
        return surroundings.settings().home().resolve("cache");
    }
}
