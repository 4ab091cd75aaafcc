package io.varve.repository.content;

import io.varve.format.ContentId;
import io.varve.format.CorruptFormatException;
import io.varve.format.index.IndexEntry;
import io.varve.format.index.PackIndex;
import io.varve.format.index.SearchKey;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One view of the repository's index: all active index blobs, merged on look-up. Immutable, and
 * safe for many threads. What others wrote after {@link #takenAt()} is not in it.
 */
public final class ContentIndex {

    private final Map<String, PackIndex> blobs;
    private final List<PackIndex> searched;
    private final long watermarkSeconds;
    private final Instant takenAt;

    ContentIndex(Map<String, PackIndex> blobs, long watermarkSeconds, Instant takenAt) {
        this.blobs = new TreeMap<>(blobs);
        this.searched = List.copyOf(this.blobs.values());
        this.watermarkSeconds = watermarkSeconds;
        this.takenAt = takenAt;
    }

    /** When the listing of this view began. */
    public Instant takenAt() {
        return takenAt;
    }

    /** The index blobs of this view, by name. */
    Map<String, PackIndex> blobs() {
        return blobs;
    }

    /** Names of the index blobs of this view, ascending. */
    public Collection<String> blobNames() {
        return List.copyOf(blobs.keySet());
    }

    /** Entries of all index blobs together: more than contents, as a content may have several. */
    public long entryCount() {
        return searched.stream().mapToLong(PackIndex::size).sum();
    }

    /** This view and more index blobs; takes as long as it has blobs. */
    ContentIndex with(Map<String, PackIndex> more) {
        Map<String, PackIndex> all = new HashMap<>(blobs);
        all.putAll(more);
        return new ContentIndex(all, watermarkSeconds, takenAt);
    }

    /**
     * The entry that counts for {@code id}. It may be deleted: then its content can still be read,
     * but nothing new may refer to it.
     */
    public Optional<IndexEntry> find(ContentId id) throws CorruptFormatException {
        SearchKey key = SearchKey.of(id);
        Optional<IndexEntry> winner = Optional.empty();
        for (PackIndex index : searched) {
            Optional<IndexEntry> found = index.find(key);
            if (found.isPresent()) {
                winner =
                        winner.isEmpty()
                                ? found
                                : Optional.of(IndexEntry.winner(winner.get(), found.get()));
            }
        }
        return winner.filter(this::isVisible);
    }

    /** Whether {@code id} can be referred to: it is there, and not deleted. */
    public boolean holds(ContentId id) throws CorruptFormatException {
        return find(id).filter(entry -> !entry.deleted()).isPresent();
    }

    /** The entries that count for the contents with this prefix, ascending; no deleted ones. */
    public List<IndexEntry> liveWithPrefix(char prefix) throws IOException {
        TreeMap<ContentId, IndexEntry> winners = new TreeMap<>();
        for (PackIndex index : searched) {
            index.forEach(prefix, entry -> winners.merge(entry.id(), entry, IndexEntry::winner));
        }
        List<IndexEntry> live = new ArrayList<>(winners.values());
        live.removeIf(entry -> entry.deleted() || !isVisible(entry));
        return live;
    }

    /** Visits the entry that counts of every content that is not deleted, once, blob by blob. */
    public void forEachLive(PackIndex.Visitor<IOException> visitor) throws IOException {
        for (PackIndex blob : searched) {
            blob.forEach(
                    entry -> {
                        if (!entry.deleted() && isCountedIn(blob, entry)) {
                            visitor.visit(entry);
                        }
                    });
        }
    }

    /** Whether {@code entry} wins, and {@code blob} is the first of those that hold it. */
    private boolean isCountedIn(PackIndex blob, IndexEntry entry) throws CorruptFormatException {
        SearchKey key = SearchKey.of(entry.id());
        boolean beforeBlob = true;
        for (PackIndex other : searched) {
            if (other == blob) {
                beforeBlob = false;
                continue;
            }
            Optional<IndexEntry> found = other.find(key);
            if (found.isEmpty()) {
                continue;
            }
            int order = IndexEntry.BY_PRECEDENCE.compare(found.get(), entry);
            if (order > 0 || (order == 0 && beforeBlob)) {
                return false;
            }
        }
        return true;
    }

    /** A deleted entry at or before the watermark is as if it were not there (format, 5.3). */
    private boolean isVisible(IndexEntry entry) {
        return !entry.droppedAt(watermarkSeconds);
    }
}
