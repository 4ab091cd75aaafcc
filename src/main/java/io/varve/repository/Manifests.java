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
import java.util.List;
import java.util.Map;
import java.util.Optional;

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

    /** All items that are not deleted, by id, as of a fresh index. */
    public Map<String, ManifestEntry> load() throws IOException {
        DamageException gone = null;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            ContentIndex index = indexes.refresh();
            try {
                return load(index);
            } catch (DamageException e) {
                gone = e;
                if (sameManifests(index, indexes.refresh())) {
                    throw e;
                }
            }
        }
        throw new IOException("manifests change while they are read; run this again", gone);
    }

    private Map<String, ManifestEntry> load(ContentIndex index) throws IOException {
        ContentReader reader = readers.newReader();
        Map<String, ManifestEntry> latest = new HashMap<>();
        for (IndexEntry content : index.liveWithPrefix(PREFIX)) {
            for (ManifestEntry item : decode(content, reader.read(content.id()))) {
                latest.merge(item.id(), item, Manifests::later);
            }
        }
        latest.values().removeIf(ManifestEntry::deleted);
        return latest;
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

    private static boolean sameManifests(ContentIndex before, ContentIndex after)
            throws IOException {
        return before.liveWithPrefix(PREFIX).equals(after.liveWithPrefix(PREFIX));
    }

    /** The item with this id. */
    public Optional<ManifestEntry> find(String id) throws IOException {
        return Optional.ofNullable(load().get(id));
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
        Optional<Instant> before = lastChange(id);
        return before.filter(time -> !time.isBefore(now))
                .map(time -> time.plusNanos(1))
                .orElse(now);
    }

    private Optional<Instant> lastChange(String id) throws IOException {
        ContentReader reader = readers.newReader();
        Optional<Instant> last = Optional.empty();
        for (IndexEntry content : indexes.current().liveWithPrefix(PREFIX)) {
            for (ManifestEntry item : decode(content, reader.read(content.id()))) {
                if (item.id().equals(id) && last.filter(item.modified()::isBefore).isEmpty()) {
                    last = Optional.of(item.modified());
                }
            }
        }
        return last;
    }

    private static void write(WriteSession session, ManifestEntry item) throws IOException {
        session.storeMetadata(PREFIX, ByteBuffer.wrap(ManifestContainer.encode(List.of(item))));
    }
}
