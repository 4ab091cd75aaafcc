package io.varve.format.index;

import io.varve.format.ContentId;
import io.varve.format.CorruptFormatException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The sorted entries of one index version. Offsets are in bytes from the start of the index. */
sealed interface EntryTable permits EntryTableV1, EntryTableV2 {

    /** Number of entries. */
    int count();

    /** Bytes of one key: a prefix byte and a hash. */
    int keyBytes();

    /** Offset of the key of the {@code entry}-th entry, from 0. */
    int keyAt(int entry);

    /** The {@code entry}-th entry, whose key is {@code id}. */
    IndexEntry read(int entry, ContentId id) throws CorruptFormatException;

    /** A pack's name: printable ASCII without a slash, as every blob's. */
    static String packName(ByteBuffer table, long offset, int length, String what)
            throws CorruptFormatException {
        if (length == 0 || offset > table.limit() - length) {
            throw new CorruptFormatException(
                    what,
                    offset,
                    "pack name of %d bytes in an index of %d".formatted(length, table.limit()));
        }
        byte[] name = new byte[length];
        table.get((int) offset, name);
        for (int i = 0; i < length; i++) {
            if (name[i] <= ' ' || name[i] > '~' || name[i] == '/') {
                throw new CorruptFormatException(
                        what, offset + i, "byte 0x%02x in a pack name".formatted(name[i]));
            }
        }
        return new String(name, StandardCharsets.US_ASCII);
    }

    /** Refuses a table of {@code count} rows that does not lie inside the index. */
    static void checkInside(ByteBuffer table, long end, long count, String rows, String what)
            throws CorruptFormatException {
        if (end > table.limit()) {
            throw new CorruptFormatException(
                    what,
                    table.limit(),
                    "it ends here, but %d %s reach to byte %d".formatted(count, rows, end));
        }
    }
}
