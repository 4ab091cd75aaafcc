package io.varve.repository.verify;

import io.varve.blob.BlobStorage;
import io.varve.format.index.IndexEntry;
import io.varve.repository.Repository;
import io.varve.repository.content.ContentIndex;
import io.varve.repository.content.DamageException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * Where the index says that contents lie, and the packs that the storage lists, as of one moment.
 * Maintenance moves contents and removes packs while a verification runs: nothing is missing before
 * a newer view says so. For one thread.
 */
final class RepositoryView {

    /**
     * A pack stays for at least an hour after its contents were moved, and readers are to load the
     * index anew every 15 minutes (format, 8.4 and 8.6): a younger view is not out of date.
     */
    private static final Duration VALIDITY = Duration.ofMinutes(15);

    private final Repository repository;
    private ContentIndex index;
    private Map<String, Long> packs;
    private Instant taken;
    private boolean renewed;

    /** The view of now. */
    RepositoryView(Repository repository) throws IOException {
        this.repository = repository;
        this.taken = repository.now();
        this.index = repository.refreshIndex();
        this.packs = listPacks(repository.storage());
    }

    ContentIndex index() {
        return index;
    }

    /** Lengths of the packs by name. */
    Map<String, Long> packs() {
        return packs;
    }

    /**
     * Takes the view of now, unless this one was renewed a short while ago: a repository with much
     * damage is not listed for each piece of it.
     *
     * @return whether the view is a new one
     */
    boolean renew() throws IOException {
        Instant now = repository.now();
        if (renewed && now.isBefore(taken.plus(VALIDITY))) {
            return false;
        }
        renewed = true;
        taken = now;
        index = repository.refreshIndex();
        packs = listPacks(repository.storage());
        return true;
    }

    /** Packs are durable before an index names them: listed after it, none that it names lacks. */
    private static Map<String, Long> listPacks(BlobStorage storage) throws IOException {
        Map<String, Long> lengths = new HashMap<>();
        for (String prefix : new String[] {"p", "q"}) {
            storage.list(prefix, blob -> lengths.put(blob.id().value(), blob.length()));
        }
        return lengths;
    }

    /** Checks that the pack is there and long enough to hold what the entry says. */
    void checkPack(IndexEntry entry) throws DamageException {
        Long length = packs.get(entry.pack());
        if (length == null) {
            throw DamageException.at(entry, "the pack is missing", null);
        }
        long end = (long) entry.packOffset() + entry.packedLength();
        if (end > length) {
            throw DamageException.at(
                    entry,
                    "the pack has %d bytes, the content ends at %d".formatted(length, end),
                    null);
        }
    }
}
