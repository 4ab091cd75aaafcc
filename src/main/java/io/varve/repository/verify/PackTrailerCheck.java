package io.varve.repository.verify;

import io.varve.blob.BlobStorageException;
import io.varve.format.CorruptFormatException;
import io.varve.format.index.IndexEntry;
import io.varve.format.index.PackIndex;
import io.varve.repository.Repository;
import io.varve.repository.content.ContentIndex;
import io.varve.repository.content.DamageException;
import io.varve.repository.content.PackTrailerReader;
import io.varve.repository.verify.VerifyReport.Damaged;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Compares the recovery index at the end of each pack with the repository's index: damage there
 * hurts nobody until the day it is needed. For one thread.
 */
final class PackTrailerCheck {

    private final PackTrailerReader trailers;
    private final Repository repository;
    private final ContentIndex index;
    private final Map<String, Long> packs;

    PackTrailerCheck(Repository repository, RepositoryView view) {
        this.trailers = repository.newPackTrailerReader();
        this.repository = repository;
        this.index = view.index();
        this.packs = view.packs();
    }

    /**
     * Checks packs that {@code sample} takes.
     *
     * @throws IOException only if the thread was interrupted
     */
    void checkAll(Sample sample, Consumer<Damaged> damaged) throws IOException {
        Set<String> vanished = new HashSet<>();
        for (Map.Entry<String, Long> pack : packs.entrySet()) {
            if (sample.takes()) {
                try {
                    check(pack.getKey(), pack.getValue());
                } catch (BlobStorageException.NotFound e) {
                    vanished.add(pack.getKey());
                } catch (IOException e) {
                    Interruption.stopOn(e);
                    damaged.accept(Damaged.ofBlob(pack.getKey(), e));
                }
            }
        }
        if (!vanished.isEmpty()) {
            reportNeeded(vanished, damaged);
        }
    }

    private void check(String pack, long length) throws IOException {
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

    /** Maintenance removes packs that nothing lies in any more: only the others are missed. */
    private void reportNeeded(Set<String> vanished, Consumer<Damaged> damaged) throws IOException {
        try {
            Set<String> needed = new HashSet<>();
            repository
                    .refreshIndex()
                    .forEachLive(
                            entry -> {
                                if (vanished.contains(entry.pack())) {
                                    needed.add(entry.pack());
                                }
                            });
            for (String pack : needed) {
                damaged.accept(
                        Damaged.ofBlob(
                                pack, DamageException.ofBlob(pack, "the pack is missing", null)));
            }
        } catch (IOException e) {
            Interruption.stopOn(e);
            damaged.accept(Damaged.of("", e));
        }
    }
}
