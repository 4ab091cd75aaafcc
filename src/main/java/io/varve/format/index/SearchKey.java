package io.varve.format.index;

import io.varve.format.ContentId;
import java.nio.ByteBuffer;

/**
 * A content id, made ready to be looked up in many indexes. Immutable.
 *
 * @see PackIndex#find(SearchKey)
 */
public final class SearchKey {

    /** From the golden ratio; odd, and its bits look random. */
    private static final long MULTIPLIER = 0x9e37_79b9_7f4a_7c15L;

    private final ContentId id;
    private final byte[] bytes;
    private final long hash;

    private SearchKey(ContentId id) {
        this.id = id;
        this.bytes = id.keyBytes();
        this.hash = hash(ByteBuffer.wrap(bytes), 0, bytes.length);
    }

    /** What finds {@code id}. */
    public static SearchKey of(ContentId id) {
        return new SearchKey(id);
    }

    ContentId id() {
        return id;
    }

    /** The key as indexes hold it; not to be changed. */
    byte[] bytes() {
        return bytes;
    }

    /** What {@link KeyFilter} knows keys by. */
    long hash() {
        return hash;
    }

    /**
     * Spreads keys that differ anywhere. The upper half is where the key's own hash begins: it is
     * spread evenly already, and rises with the keys of a table, so that what is filled in their
     * order is filled from one end to the other and not all over memory.
     */
    static long hash(ByteBuffer table, int offset, int length) {
        long hash = length;
        int at = 0;
        for (; at <= length - Long.BYTES; at += Long.BYTES) {
            hash = mix(hash ^ table.getLong(offset + at));
        }
        for (; at < length; at++) {
            hash = mix(hash ^ table.get(offset + at));
        }
        if (length <= Integer.BYTES) {
            return hash;
        }
        return (long) table.getInt(offset + 1) << Integer.SIZE | (hash & 0xffff_ffffL);
    }

    private static long mix(long bits) {
        long product = bits * MULTIPLIER;
        return product ^ product >>> 32;
    }
}
