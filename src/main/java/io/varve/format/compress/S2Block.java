package io.varve.format.compress;

import io.varve.format.CorruptFormatException;

/**
 * One block of an S2 stream: its plain length as a varint, then elements. An element starts with a
 * tag byte, whose low two bits are its kind and whose upper six bits are L here. Integers are
 * little-endian.
 *
 * <pre>
 * kind element
 *    0 literal: L + 1 bytes; for L of 60 to 63, that many (L - 59) bytes hold the length - 1
 *    1 copy of (L &amp; 7) + 4 bytes; offset of 11 bits: (L &gt;&gt; 3) &lt;&lt; 8 | next byte
 *      offset 0: again from the last offset, with a length by L &amp; 7: below 5, plus 4;
 *      5, next byte + 8; 6, next two bytes + 260; 7, next three bytes + 65540
 *    2 copy of L + 1 bytes; the offset is the next two bytes
 *    3 copy of L + 1 bytes; the offset is the next four bytes
 * </pre>
 *
 * A copy takes bytes that were already unpacked, {@code offset} before the end of them; it may
 * reach into what it writes itself. The copy from the last offset is what S2 adds to Snappy.
 */
final class S2Block {

    private static final int MAX_VARINT_BYTES = 5;

    private final S2Input input;
    private final byte[] plain;
    private int filled;
    private int lastOffset;

    /**
     * @param input behind the block's length
     * @param plain of the block's length
     */
    S2Block(S2Input input, byte[] plain) {
        this.input = input;
        this.plain = plain;
    }

    /** Reads the plain length at the start of a block. Negative if above 2^31 - 1. */
    static int length(S2Input input) throws CorruptFormatException {
        int length = 0;
        for (int i = 0; i < MAX_VARINT_BYTES; i++) {
            int next = input.unsigned(1);
            length |= (next & 0x7f) << (7 * i);
            if (next < 0x80) {
                return i == MAX_VARINT_BYTES - 1 && next > 0x0f ? -1 : length;
            }
        }
        throw input.corrupt("block's length is not a varint of 32 bits");
    }

    /** Fills {@link #plain} from the whole of {@link #input}. */
    void decode() throws CorruptFormatException {
        while (input.hasRemaining()) {
            int tag = input.unsigned(1);
            int length = tag >> 2;
            switch (tag & 3) {
                case 0 -> literal(length);
                case 1 -> shortCopy(length);
                case 2 -> copy(input.unsigned(2), length + 1);
                case 3 -> copy(input.unsigned(4), length + 1);
                default -> throw new AssertionError(tag);
            }
        }
        if (filled != plain.length) {
            throw input.corrupt(
                    "block unpacks to %d bytes, not %d".formatted(filled, plain.length));
        }
    }

    private void literal(int code) throws CorruptFormatException {
        int length = (code < 60 ? code : input.unsigned(code - 59)) + 1;
        checkRoom(length);
        input.copyTo(plain, filled, length);
        filled += length;
    }

    private void shortCopy(int code) throws CorruptFormatException {
        int offset = (code >> 3) << 8 | input.unsigned(1);
        int length = code & 7;
        if (offset != 0) {
            copy(offset, length + 4);
            return;
        }
        copy(
                lastOffset,
                switch (length) {
                    case 5 -> input.unsigned(1) + 8;
                    case 6 -> input.unsigned(2) + 260;
                    case 7 -> input.unsigned(3) + 65540;
                    default -> length + 4;
                });
    }

    private void copy(int offset, int length) throws CorruptFormatException {
        checkRoom(length);
        if (offset <= 0 || offset > filled) {
            throw input.corrupt(
                    "copy from %d bytes back, where %d are unpacked"
                            .formatted(Integer.toUnsignedLong(offset), filled));
        }
        lastOffset = offset;
        if (offset >= length) {
            System.arraycopy(plain, filled - offset, plain, filled, length);
            filled += length;
        } else {
            for (int end = filled + length; filled < end; filled++) {
                plain[filled] = plain[filled - offset];
            }
        }
    }

    /** Takes negative lengths for what they are: above 2^31 - 1. */
    private void checkRoom(int length) throws CorruptFormatException {
        if (length <= 0 || length > plain.length - filled) {
            throw input.corrupt(
                    "element of %d bytes, where %d are missing"
                            .formatted(Integer.toUnsignedLong(length), plain.length - filled));
        }
    }
}
