package io.varve.format.index;

import io.varve.format.ContentId;
import io.varve.format.CorruptFormatException;
import java.nio.ByteBuffer;

/**
 * Index version 2, big-endian.
 *
 * <pre>
 * offset size field                          entry offset size field
 *      0    1 version        2                          0    4 timestamp - baseTimestamp, seconds
 *      1    1 keyLength      2..                        4    4 bit 31: deleted; packOffset
 *      2    2 entryLength    16..19                     8    3 originalLength, bits 0-23
 *      4    4 entryCount     1..                       11    3 packedLength, bits 0-23
 *      8    4 packCount                                14    2 pack, bits 0-15
 *     12    1 formatCount                              16    1 format           if entryLength > 16
 *     13    4 baseTimestamp  Unix seconds              17    1 pack, bits 16-23 if entryLength > 17
 *     17      entries: key, then entry                 18    1 bits 24-27 of original and of
 *             packs: name length (1), offset (4)                packed length   if entryLength > 18
 *             formats: compression (4), format version (1), encryption key (1)
 *             pack names
 * </pre>
 *
 * @see <a href="https://github.com/kopia/kopia/blob/master/repo/content/index/index_v2.go">
 *     index_v2.go</a>
 */
record EntryTableV2(
        ByteBuffer table,
        int count,
        int keyBytes,
        int entryBytes,
        int packCount,
        int formatCount,
        String what)
        implements EntryTable {

    static final int HEADER_BYTES = 17;
    static final int MIN_ENTRY_BYTES = 16;
    static final int MAX_ENTRY_BYTES = 19;
    static final int PACK_BYTES = 5;
    static final int FORMAT_BYTES = 6;
    private static final int MAX_ROW_BYTES = 256;

    static EntryTable open(ByteBuffer table, String what) throws CorruptFormatException {
        EntryTable.checkInside(table, HEADER_BYTES, 1, "header", what);
        int keyBytes = table.get(1) & 0xff;
        int entryBytes = table.getChar(2);
        long count = table.getInt(4) & 0xffff_ffffL;
        long packCount = table.getInt(8) & 0xffff_ffffL;
        int formatCount = table.get(12) & 0xff;
        if (entryBytes < MIN_ENTRY_BYTES || entryBytes > MAX_ENTRY_BYTES) {
            throw new CorruptFormatException(
                    what, 2, "entry length is %d, not 16 to 19".formatted(entryBytes));
        }
        if (keyBytes < 2 || keyBytes + entryBytes > MAX_ROW_BYTES) {
            throw new CorruptFormatException(
                    what, 1, "key length is %d, not 2 to 240".formatted(keyBytes));
        }
        if (count == 0) {
            throw new CorruptFormatException(what, 4, "it has no entries");
        }
        long end = HEADER_BYTES + count * (keyBytes + entryBytes);
        EntryTable.checkInside(table, end, count, "entries", what);
        end += packCount * PACK_BYTES;
        EntryTable.checkInside(table, end, packCount, "packs", what);
        end += (long) formatCount * FORMAT_BYTES;
        EntryTable.checkInside(table, end, formatCount, "formats", what);
        return new EntryTableV2(
                table, (int) count, keyBytes, entryBytes, (int) packCount, formatCount, what);
    }

    @Override
    public int keyAt(int entry) {
        return HEADER_BYTES + entry * (keyBytes + entryBytes);
    }

    @Override
    public IndexEntry read(int entry, ContentId id) throws CorruptFormatException {
        int at = keyAt(entry) + keyBytes;
        int place = table.getInt(at + 4);
        int highLengths = entryBytes > 18 ? table.get(at + 18) & 0xff : 0;
        int format = formatAt(entryBytes > 16 ? table.get(at + 16) & 0xff : 0, at);
        int pack =
                table.getChar(at + 14) | (entryBytes > 17 ? (table.get(at + 17) & 0xff) << 16 : 0);
        return new IndexEntry(
                id,
                packName(pack, at),
                place & Integer.MAX_VALUE,
                u24(at + 11) | (highLengths & 0x0f) << 24,
                u24(at + 8) | highLengths >> 4 << 24,
                table.getInt(format),
                table.get(format + 4) & 0xff,
                baseTimestamp() + (table.getInt(at) & 0xffff_ffffL),
                place < 0);
    }

    private long baseTimestamp() {
        return table.getInt(13) & 0xffff_ffffL;
    }

    private int packsAt() {
        return keyAt(count);
    }

    private String packName(int pack, int entryAt) throws CorruptFormatException {
        if (pack >= packCount) {
            throw new CorruptFormatException(
                    what, entryAt + 14L, "pack %d of %d".formatted(pack, packCount));
        }
        int at = packsAt() + pack * PACK_BYTES;
        long nameOffset = table.getInt(at + 1) & 0xffff_ffffL;
        return EntryTable.packName(table, nameOffset, table.get(at) & 0xff, what);
    }

    /** Offset of a row of the format table. */
    private int formatAt(int format, int entryAt) throws CorruptFormatException {
        if (format >= formatCount) {
            throw new CorruptFormatException(
                    what, entryAt + 16L, "format %d of %d".formatted(format, formatCount));
        }
        int at = packsAt() + packCount * PACK_BYTES + format * FORMAT_BYTES;
        if (table.get(at + 5) != 0) {
            throw new CorruptFormatException(
                    what, at + 5L, "encryption key %d, not 0".formatted(table.get(at + 5) & 0xff));
        }
        return at;
    }

    private int u24(int at) {
        return table.getChar(at) << 8 | (table.get(at + 2) & 0xff);
    }
}
