package io.varve.repository.verify;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.varve.blob.BlobId;
import io.varve.format.ContentId;
import io.varve.format.FormatBlob;
import io.varve.format.index.IndexEntry;
import io.varve.format.manifest.ManifestContainer;
import io.varve.format.manifest.ManifestEntry;
import io.varve.format.manifest.SnapshotManifest;
import io.varve.format.pack.Postamble;
import io.varve.repository.Repository;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Bytes of a blob that are of one kind.
 *
 * @param kind what tests call it
 * @param offset of its first byte
 * @param length in bytes, positive
 * @param thing first byte of what is damaged when one of these bytes is, as it is reported
 */
record Region(String kind, BlobId blob, long offset, long length, long thing, Effect effect) {

    private static final int NONCE_BYTES = 12;
    private static final int TAG_BYTES = 16;

    /** What a wrong bit in it does. */
    enum Effect {
        /** Nobody reads it. */
        NONE,
        /** The recovery of an index would miss it; backups do not. */
        REPORTED,
        /** Backups that need it do not restore. */
        REPORTED_AND_MISSED,
        /** The repository does not open. */
        OPENS_NOT,
        /** Some of it is not looked at: {@link #NONE} or {@link #OPENS_NOT}. */
        OPENS_NOT_OR_NONE
    }

    /** All bytes of a blob that is sealed as a whole. */
    static Region whole(String kind, BlobId blob, long length) {
        return new Region(kind, blob, 0, length, 0, Effect.OPENS_NOT);
    }

    /** The regions of a pack, without a gap. */
    static List<Region> ofPack(Repository repository, BlobId pack) throws IOException {
        ByteBuffer bytes = repository.storage().get(pack);
        Postamble postamble = Postamble.decode(bytes, pack.value());
        List<IndexEntry> entries = new ArrayList<>();
        repository
                .index()
                .forEachLive(
                        entry -> {
                            if (entry.pack().equals(pack.value())) {
                                entries.add(entry);
                            }
                        });
        entries.sort(Comparator.comparingInt(IndexEntry::packOffset));

        ContentId zeroBlock = SmallRepository.zeroBlock(repository);
        char type = pack.value().charAt(0);
        Cut cut = new Cut(pack);
        cut.to(entries.getFirst().packOffset(), type + " preamble", Effect.NONE);
        for (IndexEntry entry : entries) {
            String content =
                    type
                            + (entry.id().hasPrefix() ? " " + entry.id().prefix() : "")
                            + (entry.compression() == 0 ? " plain" : " compressed")
                            + " content's ";
            long thing = entry.packOffset();
            long end = thing + entry.packedLength();
            // A restore knows the block of zeros by its id, and does not read it.
            boolean missed = !entry.id().equals(zeroBlock) && !holdsNoBackup(repository, entry);
            Effect effect = missed ? Effect.REPORTED_AND_MISSED : Effect.REPORTED;
            cut.to(thing + NONCE_BYTES, content + "nonce", effect, thing);
            cut.to(end - TAG_BYTES, content + "bytes", effect, thing);
            cut.to(end, content + "tag", effect, thing);
        }
        cut.to(postamble.indexOffset(), type + " padding", Effect.NONE);
        long indexEnd = postamble.indexOffset() + postamble.indexLength();
        cut.to(indexEnd, type + " local index", Effect.REPORTED);
        long searched = Math.max(0, bytes.limit() - Postamble.MAX_BYTES);
        cut.to(bytes.limit(), type + " postamble", Effect.REPORTED, searched);
        return cut.regions;
    }

    /**
     * Whether these are manifests, and none of a backup: who may maintain it, how it compresses.
     */
    static boolean holdsNoBackup(Repository repository, IndexEntry entry) throws IOException {
        return entry.id().prefix() == ManifestContainer.CONTENT_PREFIX
                && ManifestContainer.decode(
                                repository.newContentReader().read(entry), entry.id().toString())
                        .stream()
                        .noneMatch(
                                item ->
                                        SnapshotManifest.TYPE.equals(
                                                item.labels().get(ManifestEntry.TYPE)));
    }

    /** The regions of the format blob: what keys and format are made of, and the rest. */
    static List<Region> ofFormatBlob(Repository repository) throws IOException {
        BlobId blob = new BlobId(FormatBlob.BLOB_ID);
        ByteBuffer bytes = repository.storage().get(blob);
        String json = US_ASCII.decode(bytes.duplicate()).toString();
        Cut cut = new Cut(blob);
        for (String field : List.of("uniqueID", "encryptedBlockFormat")) {
            int start =
                    json.indexOf("\"", json.indexOf("\"" + field + "\": ") + field.length() + 3);
            int end = json.indexOf('"', start + 1);
            cut.to(start + 1, "format blob's other bytes", Effect.OPENS_NOT_OR_NONE, 0);
            // Not all bits of a last base64 character count.
            int counts = json.indexOf('=', start) < 0 ? end : json.indexOf('=', start) - 1;
            cut.to(Math.min(counts, end), "format blob's " + field, Effect.OPENS_NOT, 0);
        }
        cut.to(bytes.limit(), "format blob's other bytes", Effect.OPENS_NOT_OR_NONE, 0);
        return cut.regions;
    }

    /** Cuts a blob into regions, one behind the other. */
    private static final class Cut {

        private final BlobId blob;
        private final List<Region> regions = new ArrayList<>();
        private long at;

        Cut(BlobId blob) {
            this.blob = blob;
        }

        void to(long end, String kind, Effect effect) {
            to(end, kind, effect, at);
        }

        void to(long end, String kind, Effect effect, long thing) {
            if (end < at) {
                throw new IllegalStateException("%s of %s ends at %d".formatted(kind, blob, end));
            }
            if (end > at) {
                regions.add(new Region(kind, blob, at, end - at, thing, effect));
                at = end;
            }
        }
    }
}
