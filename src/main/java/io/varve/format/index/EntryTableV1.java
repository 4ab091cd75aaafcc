package io.varve.format.index;

import io.varve.format.ContentId;
import io.varve.format.CorruptFormatException;
import java.nio.ByteBuffer;

/**
 * Index version 1, big-endian.
 *
 * <pre>
 * offset size field                          entry offset size field
 *      0    1 version      1                            0    6 timestamp      Unix seconds
 *      1    1 keyLength    2..; 255: no entries         6    1 formatVersion
 *      2    2 entryLength  20                           7    1 packNameLength
 *      4    4 entryCount                                8    4 packNameOffset from the index's start
 *      8      entries: key, then entry                 12    4 bit 31: deleted; packOffset
 *             pack names                               16    4 packedLength
 * </pre>
 *
 * <p>Contents are never compressed here, so a packed length tells the original one.
 */
record EntryTableV1(ByteBuffer table, int count, int keyBytes, String what) implements EntryTable {

    static final int HEADER_BYTES = 8;
    static final int ENTRY_BYTES = 20;

    /** What encryption adds to a content: a nonce of 12 bytes and a tag of 16. */
    private static final int ENCRYPTION_BYTES = 28;

    private static final int NO_ENTRIES = 0xff;

    static EntryTable open(ByteBuffer table, String what) throws CorruptFormatException {
        EntryTable.checkInside(table, HEADER_BYTES, 1, "header", what);
        int keyBytes = table.get(1) & 0xff;
        int entryBytes = table.getChar(2);
        long count = table.getInt(4) & 0xffff_ffffL;
        if (keyBytes < 2 || (keyBytes == NO_ENTRIES && count > 0)) {
            throw new CorruptFormatException(
                    what, 1, "key length is %d with %d entries".formatted(keyBytes, count));
        }
        if (entryBytes != ENTRY_BYTES) {
            throw new CorruptFormatException(
                    what, 2, "entry length is %d, not %d".formatted(entryBytes, ENTRY_BYTES));
        }
        long end = HEADER_BYTES + count * (keyBytes + ENTRY_BYTES);
        EntryTable.checkInside(table, end, count, "entries", what);
        return new EntryTableV1(table, (int) count, keyBytes, what);
    }

    @Override
    public int keyAt(int entry) {
        return HEADER_BYTES + entry * (keyBytes + ENTRY_BYTES);
    }

    @Override
    public IndexEntry read(int entry, ContentId id) throws CorruptFormatException {
        int at = keyAt(entry) + keyBytes;
        long nameOffset = table.getInt(at + 8) & 0xffff_ffffL;
        int place = table.getInt(at + 12);
        int packedLength = table.getInt(at + 16);
        if (packedLength < ENCRYPTION_BYTES) {
            throw new CorruptFormatException(
                    what,
                    at + 16L,
                    "content %s: packed length is %d, not %d to 2^31"
                            .formatted(id, packedLength & 0xffff_ffffL, ENCRYPTION_BYTES));
        }
        return new IndexEntry(
                id,
                EntryTable.packName(table, nameOffset, table.get(at + 7) & 0xff, what),
                place & Integer.MAX_VALUE,
                packedLength,
                packedLength - ENCRYPTION_BYTES,
                0,
                table.get(at + 6) & 0xff,
                table.getLong(at) >>> 16,
                place < 0);
    }
}
