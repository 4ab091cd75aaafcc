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
        return opened(
                () -> surroundings.openers().storage().open(location),
                (storage, password) -> Repository.open(storage, password, settings()));
    }

    /**
     * Creates it; the caller closes it.
     *
     * @param ifMissing whether one that is there is opened instead
     */
    RepositoryCreator.Opened create(CreateOptions create, boolean ifMissing) throws IOException {
        StorageLocation location = location();
        return opened(
                () -> surroundings.openers().storage().create(location),
                (storage, password) -> {
                    RepositoryCreator creator = new RepositoryCreator(storage, settings());
                    return ifMissing
                            ? creator.createIfMissing(create, password)
                            : new RepositoryCreator.Opened(creator.create(create, password), true);
                });
    }

    /** What is done with a storage and a password. */
    @FunctionalInterface
    private interface Opening<T> {
        T open(BlobStorage storage, char[] password) throws IOException;
    }

    /** Where a storage comes from. */
    @FunctionalInterface
    private interface StorageSource {
        BlobStorage get() throws IOException;
    }

    private <T> T opened(StorageSource source, Opening<T> opening) throws IOException {
        char[] password = RepositoryPassword.find(surroundings.settings());
        BlobStorage storage = source.get();
        boolean done = false;
        try {
            T result = opening.open(storage, password);
            done = true;
            return result;
        } finally {
            Arrays.fill(password, '\0');
            if (!done) {
                storage.close();
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
        return new RepositorySettings(
                surroundings.settings().home().resolve("cache"),
                surroundings.clock(),
                surroundings.random());
    }
}
