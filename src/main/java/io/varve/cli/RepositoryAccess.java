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
        char[] password = password();
        return opened(storage(location), password, this::open);
    }

    /**
     * Begins to open it; the caller closes it. One whose folder is not there is refused at once.
     */
    Opening<Repository> begin() throws IOException {
        StorageLocation location = location();
        char[] password = password();
        BlobStorage storage = storage(location);
        return Opening.begin("repository", () -> opened(storage, password, this::open));
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
        StorageLocation location = location();
        char[] password = password();
        return opened(
                surroundings.openers().storage().create(location),
                password,
                (storage, secret) -> {
                    RepositoryCreator creator = new RepositoryCreator(storage, settings());
                    return ifMissing
                            ? creator.createIfMissing(create, secret)
                            : new RepositoryCreator.Opened(creator.create(create, secret), true);
                });
    }

    private char[] password() throws IOException {
        return RepositoryPassword.find(surroundings.settings());
    }

    private BlobStorage storage(StorageLocation location) throws IOException {
        return surroundings.openers().storage().open(location);
    }

    /** What is done with a storage and a password. */
    @FunctionalInterface
    private interface Use<T> {
        T of(BlobStorage storage, char[] password) throws IOException;
    }

    /**
     * @param storage is closed if that fails
     * @param password is wiped
     */
    private static <T> T opened(BlobStorage storage, char[] password, Use<T> use)
            throws IOException {
        boolean done = false;
        try {
            T result = use.of(storage, password);
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
