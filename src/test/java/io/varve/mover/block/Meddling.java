package io.varve.mover.block;

import io.varve.SettableClock;
import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.format.ContentId;
import io.varve.format.index.IndexEntry;
import io.varve.repository.Repository;
import io.varve.repository.content.WriteSession;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** What maintenance, or a storage that loses things, does to a repository while a run is dead. */
final class Meddling {

    private Meddling() {}

    /** Entries of all contents that are not deleted. */
    static List<IndexEntry> liveEntries(Repository repository) throws IOException {
        List<IndexEntry> live = new ArrayList<>();
        repository.refreshIndex().forEachLive(live::add);
        return live;
    }

    /** As maintenance does with contents that nothing refers to: they can still be read. */
    static List<IndexEntry> tombstone(Repository repository, Predicate<IndexEntry> which)
            throws IOException {
        List<IndexEntry> live = liveEntries(repository);
        live.removeIf(which.negate());
        long now = repository.now().getEpochSecond();
        try (WriteSession session = repository.newSession()) {
            session.adopt(live.stream().map(entry -> entry.tombstone(now)).toList());
            session.finish();
        }
        return live;
    }

    /** As maintenance does in the end: an hour later no index tells of them, no pack has them. */
    static List<IndexEntry> erase(
            Repository repository, SettableClock clock, Predicate<IndexEntry> which)
            throws IOException {
        List<IndexEntry> erased = tombstone(repository, which);
        clock.advance(Duration.ofHours(1));
        String watermark = "xw" + clock.instant().getEpochSecond();
        repository
                .storage()
                .put(new BlobId(watermark), StandardCharsets.US_ASCII.encode("deletion-watermark"));
        repository.refreshIndex();
        for (IndexEntry entry : erased) {
            repository.storage().delete(new BlobId(entry.pack()));
        }
        return erased;
    }

    static boolean isData(IndexEntry entry) {
        return entry.id().prefix() == ContentId.NO_PREFIX;
    }

    /** Data packs that no index names, as {@code maintenance --safety=none} finds them. */
    static List<BlobId> unindexedPacks(Repository repository) throws IOException {
        Set<String> named = new HashSet<>();
        liveEntries(repository).forEach(entry -> named.add(entry.pack()));
        List<BlobId> packs = new ArrayList<>(packs(repository.storage()));
        packs.removeIf(pack -> named.contains(pack.value()));
        return packs;
    }

    static List<BlobId> packs(BlobStorage storage) throws IOException {
        List<BlobId> packs = new ArrayList<>();
        storage.list("p", blob -> packs.add(blob.id()));
        return packs;
    }
}
