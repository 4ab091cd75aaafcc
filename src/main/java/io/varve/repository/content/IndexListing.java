package io.varve.repository.content;

import io.varve.blob.BlobId;
import io.varve.blob.BlobMetadata;
import io.varve.blob.BlobStorage;
import io.varve.format.CorruptFormatException;
import io.varve.format.RepositoryFormat;
import io.varve.format.index.CompactionLog;
import io.varve.format.index.EpochView;
import io.varve.format.index.IndexBlobName;
import io.varve.format.index.LegacyIndexView;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which index blobs count, as of one listing.
 *
 * @param active newest first: a deletion is written after what it deletes, into the same epoch or a
 *     later one, so that whoever loads them in this order knows it first
 * @param watermarkSeconds as {@link EpochView#watermarkSeconds()}
 */
record IndexListing(List<BlobMetadata> active, long watermarkSeconds) {

    /** Markers, watermarks and compacted sets are listed before what they judge (format, 5.5). */
    private static final List<String> LISTED = List.of("xe", "xw", "xs", "xr", "xn");

    private static final Comparator<BlobMetadata> NEWEST_FIRST =
            Comparator.comparingInt(IndexListing::epochOf)
                    .thenComparing(BlobMetadata::modified)
                    .reversed();

    private static IndexListing of(
            Map<String, BlobMetadata> found, Collection<String> active, long watermarkSeconds) {
        Set<String> names = Set.copyOf(active);
        return new IndexListing(
                found.values().stream()
                        .filter(blob -> names.contains(blob.id().value()))
                        .sorted(NEWEST_FIRST)
                        .toList(),
                watermarkSeconds);
    }

    /** Lists them. */
    static IndexListing of(BlobStorage storage, RepositoryFormat format, RepositoryCrypto crypto)
            throws IOException {
        return format.epochs().enabled() ? epochs(storage) : legacy(storage, crypto);
    }

    private static IndexListing epochs(BlobStorage storage) throws IOException {
        Map<String, BlobMetadata> found = new LinkedHashMap<>();
        for (String prefix : LISTED) {
            found.putAll(found(storage, prefix));
        }
        EpochView view = EpochView.of(found.keySet());
        return of(found, view.activeIndexBlobs(), view.watermarkSeconds());
    }

    private static IndexListing legacy(BlobStorage storage, RepositoryCrypto crypto)
            throws IOException {
        Map<String, BlobMetadata> found = found(storage, LegacyIndexView.INDEX_PREFIX);
        List<CompactionLog> logs = new ArrayList<>();
        for (String log : found(storage, LegacyIndexView.LOG_PREFIX).keySet()) {
            ByteBuffer sealed = storage.get(new BlobId(log));
            try {
                logs.add(CompactionLog.decode(crypto.openBlob(log, sealed), log));
            } catch (CorruptFormatException e) {
                throw IndexBlobs.damaged(log, e);
            }
        }
        LegacyIndexView view = LegacyIndexView.of(found.keySet(), logs);
        return of(found, view.activeIndexBlobs(), 0);
    }

    /** The blobs with this prefix, by name. */
    static Map<String, BlobMetadata> found(BlobStorage storage, String prefix) throws IOException {
        Map<String, BlobMetadata> found = new LinkedHashMap<>();
        storage.list(prefix, blob -> found.put(blob.id().value(), blob));
        return found;
    }

    private static int epochOf(BlobMetadata blob) {
        return IndexBlobName.parse(blob.id().value()).map(IndexBlobName::lastEpoch).orElse(0);
    }

    /** Their names. */
    Set<String> names() {
        return active.stream().map(blob -> blob.id().value()).collect(Collectors.toSet());
    }

    /** Those that are not {@code known}. */
    List<BlobMetadata> without(Set<String> known) {
        return active.stream().filter(blob -> !known.contains(blob.id().value())).toList();
    }
}
