package io.varve.format.index;

import io.varve.format.ContentId;
import io.varve.format.CorruptFormatException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * An index blob's table, decrypted, of either version, searched where it lies: in the heap, in
 * direct memory or in a mapped file. Immutable and safe for many threads while the bytes are.
 *
 * <p>Opening checks that all that the header promises lies inside the blob. A single entry, its
 * pack name and the order of the keys are checked when they are read.
 */
public final class PackIndex {

    /** With fewer entries a search costs no more than a filter would. */
    private static final int FILTERED_FROM = 1000;

    /** Bytes that are read at a time to fill a filter. */
    private static final int PIECE_BYTES = 64 << 10;

    private final ByteBuffer table;
    private final EntryTable entries;
    private final String what;
    private final Optional<KeyFilter> filter;

    /** Entries before this one have no prefix letter. */
    private final int firstPrefixed;

    private PackIndex(
            ByteBuffer table, EntryTable entries, String what, Optional<KeyFilter> filter) {
        this.table = table;
        this.entries = entries;
        this.what = what;
        this.filter = filter;
        this.firstPrefixed = lowerBoundOf((char) (ContentId.NO_PREFIX + 1));
    }

    /**
     * Opens the table in the remaining bytes of {@code plain}, whose position stays.
     *
     * @param blob names the index blob in messages
     */
    public static PackIndex open(ByteBuffer plain, String blob) throws CorruptFormatException {
        ByteBuffer table = plain.slice();
        return open(
                table,
                blob,
                (offset, target) -> target.put(table.slice(offset, target.remaining())));
    }

    /**
     * As the other one, for a mapped file: a filter is made of all keys, and to read them through
     * the map would make all of it resident.
     *
     * @param bytes reads the same bytes another way
     */
    public static <E extends Exception> PackIndex open(
            ByteBuffer plain, String blob, Bytes<E> bytes) throws CorruptFormatException, E {
        ByteBuffer table = plain.slice();
        String what = "index blob " + blob;
        if (!table.hasRemaining()) {
            throw new CorruptFormatException(what, 0, "it is empty");
        }
        EntryTable entries =
                switch (table.get(0)) {
                    case 1 -> EntryTableV1.open(table, what);
                    case 2 -> EntryTableV2.open(table, what);
                    default ->
                            throw new CorruptFormatException(
                                    what,
                                    0,
                                    "version is %d, not 1 or 2".formatted(table.get(0) & 0xff));
                };
        return new PackIndex(table, entries, what, filter(entries, bytes));
    }

    /** Reads parts of an index. */
    @FunctionalInterface
    public interface Bytes<E extends Exception> {
        /** Fills the remaining bytes of {@code target}. */
        void read(int offset, ByteBuffer target) throws E;
    }

    private static <E extends Exception> Optional<KeyFilter> filter(
            EntryTable entries, Bytes<E> bytes) throws E {
        if (entries.count() < FILTERED_FROM) {
            return Optional.empty();
        }
        KeyFilter filter = new KeyFilter(entries.count());
        int rowBytes = entries.keyAt(1) - entries.keyAt(0);
        int pieceRows = PIECE_BYTES / rowBytes;
        ByteBuffer piece = ByteBuffer.allocate(pieceRows * rowBytes);
        for (int entry = 0; entry < entries.count(); entry += pieceRows) {
            int rows = Math.min(pieceRows, entries.count() - entry);
            bytes.read(entries.keyAt(entry), piece.clear().limit(rows * rowBytes));
            for (int row = 0; row < rows; row++) {
                filter.add(SearchKey.hash(piece, row * rowBytes, entries.keyBytes()));
            }
        }
        return Optional.of(filter);
    }

    /** Number of entries, tombstones included. */
    public int size() {
        return entries.count();
    }

    /** The entry of {@code id}, which may be a tombstone. */
    public Optional<IndexEntry> find(ContentId id) throws CorruptFormatException {
        return find(SearchKey.of(id));
    }

    /** As the other one; for a content that is looked up in many indexes. */
    public Optional<IndexEntry> find(SearchKey wanted) throws CorruptFormatException {
        byte[] key = wanted.bytes();
        if (key.length != entries.keyBytes()
                || (filter.isPresent() && !filter.get().mayHold(wanted.hash()))) {
            return Optional.empty();
        }
        int found =
                wanted.id().hasPrefix()
                        ? bisect(key, firstPrefixed, entries.count())
                        : interpolate(key, 0, firstPrefixed);
        return found < 0 ? Optional.empty() : Optional.of(entries.read(found, wanted.id()));
    }

    /** Takes entries one after another. */
    @FunctionalInterface
    public interface Visitor<E extends Exception> {
        void visit(IndexEntry entry) throws E;
    }

    /** Visits every entry, in ascending order of id. */
    public <E extends Exception> void forEach(Visitor<E> visitor) throws CorruptFormatException, E {
        forEach(0, entries.count(), visitor);
    }

    /** Visits every entry whose id has this prefix letter, in ascending order. */
    public <E extends Exception> void forEach(char prefix, Visitor<E> visitor)
            throws CorruptFormatException, E {
        forEach(lowerBoundOf(prefix), lowerBoundOf((char) (prefix + 1)), visitor);
    }

    private <E extends Exception> void forEach(int from, int to, Visitor<E> visitor)
            throws CorruptFormatException, E {
        byte[] key = new byte[entries.keyBytes()];
        byte[] previous = new byte[0];
        for (int i = from; i < to; i++) {
            int at = entries.keyAt(i);
            table.get(at, key);
            if (Arrays.compareUnsigned(previous, key) >= 0) {
                throw new CorruptFormatException(
                        what, at, "key of entry %d is not above the one before it".formatted(i));
            }
            visitor.visit(entries.read(i, contentId(key, at)));
            previous = previous.length == 0 ? key.clone() : copyInto(previous, key);
        }
    }

    private static byte[] copyInto(byte[] target, byte[] source) {
        System.arraycopy(source, 0, target, 0, source.length);
        return target;
    }

    private ContentId contentId(byte[] key, int at) throws CorruptFormatException {
        try {
            return ContentId.ofKey(key);
        } catch (CorruptFormatException problem) {
            throw new CorruptFormatException(what, at, "no content id", problem);
        }
    }

    /**
     * Finds a key among hashes, which are spread evenly: looks where it must be if they are, and
     * every second time in the middle, so that a table made to mislead costs twice a bisection at
     * worst. A table of 16 million entries takes some five looks, each of which may be a page
     * fault.
     */
    private int interpolate(byte[] key, int from, int to) {
        int low = from;
        int high = to;
        double wanted = rank(key);
        double lowRank = 0;
        double highRank = 1;
        for (boolean guess = true; low < high; guess = !guess) {
            int middle = low + (high - low) / 2;
            if (guess && highRank > lowRank) {
                double part = (wanted - lowRank) / (highRank - lowRank);
                middle = low + (int) Math.clamp(part * (high - low), 0.0, high - low - 1.0);
            }
            int order = compare(key, middle);
            if (order == 0) {
                return middle;
            }
            if (order > 0) {
                low = middle + 1;
                lowRank = rankAt(middle);
            } else {
                high = middle;
                highRank = rankAt(middle);
            }
        }
        return -1;
    }

    private int bisect(byte[] key, int from, int to) {
        int low = from;
        int high = to;
        while (low < high) {
            int middle = low + (high - low) / 2;
            int order = compare(key, middle);
            if (order == 0) {
                return middle;
            }
            if (order > 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return -1;
    }

    /** Number of the first entry whose prefix byte is {@code prefix} or more. */
    private int lowerBoundOf(char prefix) {
        int low = 0;
        int high = entries.count();
        while (low < high) {
            int middle = low + (high - low) / 2;
            if ((table.get(entries.keyAt(middle)) & 0xff) < prefix) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private int compare(byte[] key, int entry) {
        int at = entries.keyAt(entry);
        for (int i = 0; i < key.length; i++) {
            int order = (key[i] & 0xff) - (table.get(at + i) & 0xff);
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    /** The first four bytes of a hash as a number from 0 to below 1; a short hash ends in zeros. */
    private static double rank(byte[] key) {
        long bits = 0;
        for (int i = 1; i <= Integer.BYTES; i++) {
            bits = bits << 8 | (i < key.length ? key[i] & 0xff : 0);
        }
        return bits * 0x1p-32;
    }

    private double rankAt(int entry) {
        int at = entries.keyAt(entry);
        long bits = 0;
        for (int i = 1; i <= Integer.BYTES; i++) {
            bits = bits << 8 | (i < entries.keyBytes() ? table.get(at + i) & 0xff : 0);
        }
        return bits * 0x1p-32;
    }
}
