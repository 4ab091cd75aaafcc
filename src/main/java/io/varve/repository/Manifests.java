package io.varve.repository;

import io.varve.format.CorruptFormatException;
import io.varve.format.index.IndexEntry;
import io.varve.format.manifest.ManifestContainer;
import io.varve.format.manifest.ManifestEntry;
import io.varve.repository.content.ContentIndex;
import io.varve.repository.content.ContentReader;
import io.varve.repository.content.DamageException;
import io.varve.repository.content.IndexStore;
import io.varve.repository.content.WriteSession;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The repository's labelled items: snapshots, policies, maintenance parameters (format, 6). Always
 * read as they are now; safe for many threads, each call by itself.
 */
public final class Manifests {

    /** Prefix of the contents that hold manifests. */
    private static final char PREFIX = ManifestContainer.CONTENT_PREFIX;

    /** Kopia merges manifest contents as it likes: one may go between listing and reading. */
    private static final int ATTEMPTS = 5;

    private final IndexStore indexes;
    private final Repository.ReaderSource readers;
    private final InstantSource clock;

    Manifests(IndexStore indexes, Repository.ReaderSource readers, InstantSource clock) {
        this.indexes = indexes;
        this.readers = readers;
        this.clock = clock;
    }

    /** All items that are not deleted, as of a fresh index. A damaged content hides no other. */
    public ManifestListing load() throws IOException {
        States states = states();
        Map<String, ManifestEntry> items = new HashMap<>(states.latest());
        items.values().removeIf(ManifestEntry::deleted);
        return new ManifestListing(items, List.copyOf(states.damaged().values()));
    }

    /** The last change of each item, deletions included, and the contents that tell of none. */
    private record States(
            Map<String, ManifestEntry> latest, Map<IndexEntry, DamageException> damaged) {}

    private States states() throws IOException {
        IOException gone = null;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            States states = read(indexes.refresh());
            if (areStillThere(states.damaged().keySet())) {
                return states;
            }
            gone = states.damaged().values().iterator().next();
        }
        throw new IOException("manifests change while they are read; run this again", gone);
    }

    private States read(ContentIndex index) throws IOException {
        ContentReader reader = readers.newReader();
        Map<String, ManifestEntry> latest = new HashMap<>();
        Map<IndexEntry, DamageException> damaged = new LinkedHashMap<>();
        for (IndexEntry content : index.liveWithPrefix(PREFIX)) {
            try {
                for (ManifestEntry item : decode(content, reader.read(content.id()))) {
                    latest.merge(item.id(), item, Manifests::later);
                }
            } catch (DamageException e) {
                damaged.put(content, e);
            }
        }
        return new States(latest, damaged);
    }

    /** A content that is elsewhere by now, or merged into another, is not damaged. */
    private boolean areStillThere(Set<IndexEntry> contents) throws IOException {
        return contents.isEmpty()
                || new HashSet<>(indexes.refresh().liveWithPrefix(PREFIX)).containsAll(contents);
    }

    private static List<ManifestEntry> decode(IndexEntry content, ByteBuffer plain)
            throws DamageException {
        try {
            return ManifestContainer.decode(plain, content.id().toString());
        } catch (CorruptFormatException e) {
            throw DamageException.at(content, e.getMessage(), e);
        }
    }

    private static ManifestEntry later(ManifestEntry a, ManifestEntry b) {
        return b.modified().isAfter(a.modified()) ? b : a;
    }

    /** Whether an item with this id is there, or may lie in a content that cannot be read. */
    public boolean mayHold(String id) throws IOException {
        ManifestListing listing = load();
        return !listing.isComplete() || listing.items().containsKey(id);
    }

    /**
     * Writes an item; visible when the session's index is flushed.
     *
     * @param id 32 hex digits; an item with the same id is replaced
     * @param data JSON
     */
    public void put(WriteSession session, String id, Map<String, String> labels, String data)
            throws IOException {
        write(session, new ManifestEntry(id, labels, timeAfter(id), false, data));
    }

    /** Deletes an item; gone when the session's index is flushed. */
    public void delete(WriteSession session, String id) throws IOException {
        write(session, new ManifestEntry(id, Map.of(), timeAfter(id), true, "null"));
    }

    /**
     * The later of now and just after the item's last change: of two equal times either may win.
     */
    private Instant timeAfter(String id) throws IOException {
        Instant now = clock.instant();
        return Optional.ofNullable(states().latest().get(id))
                .map(ManifestEntry::modified)
                .filter(time -> !time.isBefore(now))
                .map(time -> time.plusNanos(1))
                .orElse(now);
    }

    private static void write(WriteSession session, ManifestEntry item) throws IOException {
        session.storeMetadata(PREFIX, ByteBuffer.wrap(ManifestContainer.encode(List.of(item))));
    }
}
