package io.varve.format.index;

import io.varve.format.ContentId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes index tables of version 2 in kopia's own bytes; {@link EntryTableV2} has the layout. */
public final class PackIndexWriter {

    /** The most entries that one index blob should hold; more are split over several blobs. */
    public static final int MAX_ENTRIES = 16_000_000;

    /** Bit 30 of a pack offset is kept free. */
    private static final int MAX_PACK_OFFSET = (1 << 30) - 1;

    private static final int MAX_LENGTH = (1 << 28) - 1;
    private static final int MAX_FORMATS = 255;
    private static final int MAX_PACKS = 1 << 24;
    private static final int MAX_NAME_BYTES = 255;
    private static final long MAX_TIMESTAMP = 0xffff_ffffL;

    private record Format(int compression, int formatVersion) {}

    private final IndexEntry[] entries;
    private final Map<String, Integer> packs = new LinkedHashMap<>();
    private final Map<Format, Integer> formats = new LinkedHashMap<>();
    private boolean hasGreatLengths;

    private PackIndexWriter(IndexEntry[] entries) {
        this.entries = entries;
        for (IndexEntry entry : entries) {
            check(entry);
            packs.putIfAbsent(entry.pack(), packs.size());
            formats.putIfAbsent(formatOf(entry), formats.size());
            hasGreatLengths |= Math.max(entry.packedLength(), entry.originalLength()) >= 1 << 24;
        }
        if (formats.size() > MAX_FORMATS || packs.size() > MAX_PACKS) {
            throw new IllegalArgumentException(
                    "an index has room for %d packs and %d formats, not for %d and %d"
                            .formatted(MAX_PACKS, MAX_FORMATS, packs.size(), formats.size()));
        }
    }

    /**
     * The table of {@code entries}, in any order; of several for one content the one that holds is
     * written. Packs and formats are numbered as the sorted entries first name them.
     *
     * @throws IllegalArgumentException if there is no entry, if contents have hashes of different
     *     lengths, or if a value does not fit: offsets are below 2^30, lengths below 2^28
     */
    public static ByteBuffer encode(Collection<IndexEntry> entries) {
        if (entries.isEmpty() || entries.size() > MAX_ENTRIES) {
            throw new IllegalArgumentException(
                    "an index has 1 to %d entries, not %d".formatted(MAX_ENTRIES, entries.size()));
        }
        return new PackIndexWriter(winners(entries)).encode();
    }

    private static IndexEntry[] winners(Collection<IndexEntry> entries) {
        IndexEntry[] sorted = entries.toArray(IndexEntry[]::new);
        Arrays.sort(
                sorted,
                Comparator.comparing(IndexEntry::id).thenComparing(IndexEntry.BY_PRECEDENCE));
        int kept = 0;
        for (IndexEntry entry : sorted) {
            // The greatest of one id comes last, and so replaces those before it.
            if (kept > 0 && sorted[kept - 1].id().equals(entry.id())) {
                kept--;
            }
            sorted[kept++] = entry;
        }
        return kept == sorted.length ? sorted : Arrays.copyOf(sorted, kept);
    }

    private ByteBuffer encode() {
        int keyBytes = entries[0].id().keyBytes().length;
        int entryBytes = entryBytes();
        long entriesEnd =
                EntryTableV2.HEADER_BYTES + (long) entries.length * (keyBytes + entryBytes);
        long namesAt =
                entriesEnd
                        + (long) packs.size() * EntryTableV2.PACK_BYTES
                        + (long) formats.size() * EntryTableV2.FORMAT_BYTES;
        long total = namesAt + packs.keySet().stream().mapToLong(String::length).sum();
        ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(total));
        out.put((byte) 2).put((byte) keyBytes).putChar((char) entryBytes);
        out.putInt(entries.length).putInt(packs.size()).put((byte) formats.size()).putInt(0);
        for (IndexEntry entry : entries) {
            putEntry(out, entry, keyBytes, entryBytes);
        }
        putTables(out, (int) namesAt);
        return out.flip();
    }

    private int entryBytes() {
        if (hasGreatLengths) {
            return EntryTableV2.MAX_ENTRY_BYTES;
        }
        if (packs.size() > 1 << 16) {
            return 18;
        }
        return formats.size() > 1 ? 17 : EntryTableV2.MIN_ENTRY_BYTES;
    }

    private void putEntry(ByteBuffer out, IndexEntry entry, int keyBytes, int entryBytes) {
        byte[] key = entry.id().keyBytes();
        if (key.length != keyBytes) {
            throw new IllegalArgumentException(
                    "content %s has a key of %d bytes, others of %d"
                            .formatted(entry.id(), key.length, keyBytes));
        }
        int pack = packs.getOrDefault(entry.pack(), 0);
        out.put(key).putInt((int) entry.timestampSeconds());
        out.putInt(entry.packOffset() | (entry.deleted() ? 1 << 31 : 0));
        putU24(out, entry.originalLength());
        putU24(out, entry.packedLength());
        out.putChar((char) pack);
        if (entryBytes > 16) {
            out.put((byte) (int) formats.getOrDefault(formatOf(entry), 0));
        }
        if (entryBytes > 17) {
            out.put((byte) (pack >> 16));
        }
        if (entryBytes > 18) {
            out.put((byte) (entry.originalLength() >> 24 << 4 | entry.packedLength() >> 24));
        }
    }

    private void putTables(ByteBuffer out, int namesAt) {
        int nameAt = namesAt;
        for (String pack : packs.keySet()) {
            out.put((byte) pack.length()).putInt(nameAt);
            nameAt += pack.length();
        }
        for (Format format : formats.keySet()) {
            out.putInt(format.compression()).put((byte) format.formatVersion()).put((byte) 0);
        }
        for (String pack : packs.keySet()) {
            out.put(pack.getBytes(StandardCharsets.US_ASCII));
        }
    }

    private static void putU24(ByteBuffer out, int value) {
        out.putChar((char) (value >> 8)).put((byte) value);
    }

    private static Format formatOf(IndexEntry entry) {
        return new Format(entry.compression(), entry.formatVersion());
    }

    private static void check(IndexEntry entry) {
        ContentId id = entry.id();
        if (entry.packOffset() > MAX_PACK_OFFSET
                || entry.packedLength() > MAX_LENGTH
                || entry.originalLength() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "content %s: offset %d, packed %d or original %d is too great for an index"
                            .formatted(
                                    id,
                                    entry.packOffset(),
                                    entry.packedLength(),
                                    entry.originalLength()));
        }
        if (entry.timestampSeconds() > MAX_TIMESTAMP) {
            throw new IllegalArgumentException(
                    "content %s: timestamp %d is beyond 32 bits"
                            .formatted(id, entry.timestampSeconds()));
        }
        String pack = entry.pack();
        if (pack.isEmpty()
                || pack.length() > MAX_NAME_BYTES
                || pack.chars().anyMatch(c -> c <= ' ' || c > '~' || c == '/')) {
            throw new IllegalArgumentException(
                    "content %s: '%s' is no pack's name".formatted(id, pack));
        }
    }
}
