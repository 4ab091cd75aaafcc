package io.varve.cli;

import io.varve.blob.BlobStorage;
import io.varve.blob.StorageLocation;
import io.varve.repository.CreateOptions;
import io.varve.repository.Repository;
import io.varve.repository.RepositoryCreator;
import io.varve.repository.RepositorySettings;
import java.io.IOException;
import java.util.Arrays;

/** Opens the repository that the settings name. */
final class RepositoryAccess {

    private final Surroundings surroundings;
    private final GlobalOptions options;

    RepositoryAccess(Surroundings surroundings, GlobalOptions options) {
        this.surroundings = surroundings;
        this.options = options;
    }

    /** Opens it; the caller closes it. */
    Repository open() throws IOException {
        StorageLocation location = location();
        return open(location, RepositoryPassword.find(surroundings.settings()));
    }

    /** Begins to open it; the caller closes it. */
    Opening<Repository> begin() throws IOException {
        StorageLocation location = location();
        char[] password = RepositoryPassword.find(surroundings.settings());
        return Opening.begin("repository", () -> open(location, password));
    }

    private Repository open(StorageLocation location, char[] password) throws IOException {
        return opened(
                () -> surroundings.openers().storage().open(location),
                password,
                storage -> Repository.open(storage, password, settings()));
    }

    /**
     * Creates it; the caller closes it.
     *
     * @param ifMissing whether one that is there is opened instead
     */
    RepositoryCreator.Opened create(CreateOptions create, boolean ifMissing) throws IOException {
        StorageLocation location = location();
        char[] password = RepositoryPassword.find(surroundings.settings());
        return opened(
                () -> surroundings.openers().storage().create(location),
                password,
                storage -> {
                    RepositoryCreator creator = new RepositoryCreator(storage, settings());
                    return ifMissing
                            ? creator.createIfMissing(create, password)
                            : new RepositoryCreator.Opened(creator.create(create, password), true);
                });
    }

    /** What is done with a storage. */
    @FunctionalInterface
    private interface Use<T> {
        T of(BlobStorage storage) throws IOException;
    }

    /** Where a storage comes from. */
    @FunctionalInterface
    private interface StorageSource {
        BlobStorage get() throws IOException;
    }

    /**
     * @param password is wiped
     */
    private static <T> T opened(StorageSource source, char[] password, Use<T> use)
            throws IOException {
        try {
            BlobStorage storage = source.get();
            boolean done = false;
            try {
                T result = use.of(storage);
                done = true;
                return result;
            } finally {
                if (!done) {
                    storage.close();
                }
            }
        } finally {
            Arrays.fill(password, '\0');
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
        return new RepositorySettings(
                surroundings.settings().home().resolve("cache"),
                surroundings.clock(),
                surroundings.random());
    }
}
