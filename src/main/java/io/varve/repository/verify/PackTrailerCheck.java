package io.varve.repository.verify;

import io.varve.format.CorruptFormatException;
import io.varve.format.index.IndexEntry;
import io.varve.format.index.PackIndex;
import io.varve.repository.Repository;
import io.varve.repository.content.ContentIndex;
import io.varve.repository.content.DamageException;
import io.varve.repository.content.PackTrailerReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Compares the recovery index at the end of a pack with the repository's index: damage there hurts
 * nobody until the day it is needed.
 */
final class PackTrailerCheck {

    private final PackTrailerReader trailers;
    private final ContentIndex index;

    PackTrailerCheck(Repository repository) throws IOException {
        this.trailers = repository.newPackTrailerReader();
        this.index = repository.index();
    }

    /** Checks one pack of {@code length} bytes. */
    void check(String pack, long length) throws IOException {
        PackIndex local = trailers.read(pack, length);
        List<IndexEntry> entries = new ArrayList<>();
        try {
            local.forEach(entries::add);
        } catch (CorruptFormatException e) {
            throw DamageException.ofBlob(pack, "local index: " + e.getMessage(), e);
        }
        for (IndexEntry entry : entries) {
            IndexEntry global = index.find(entry.id()).orElse(entry);
            boolean samePlace =
                    global.pack().equals(entry.pack()) && global.packOffset() == entry.packOffset();
            if (samePlace && global.packedLength() != entry.packedLength()) {
                throw DamageException.at(
                        entry,
                        "the local index says %d bytes, the repository's index %d"
                                .formatted(entry.packedLength(), global.packedLength()),
                        null);
            }
        }
    }
}
