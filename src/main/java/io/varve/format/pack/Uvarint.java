package io.varve.format.pack;

import io.varve.format.CorruptFormatException;
import java.nio.ByteBuffer;

/** Unsigned integers of 64 bits, seven bits a byte, the least significant first, as in Go. */
public final class Uvarint {

    /** The most bytes that a value takes. */
    public static final int MAX_BYTES = 10;

    private static final int MORE = 0x80;

    private Uvarint() {}

    /** Appends {@code value}, taken as unsigned, to {@code out}. */
    public static void put(ByteBuffer out, long value) {
        long rest = value;
        while (Long.compareUnsigned(rest, MORE) >= 0) {
            out.put((byte) (rest | MORE));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }

    /**
     * Reads a value off {@code in}.
     *
     * @param what names in messages what the buffer holds from its position 0 on
     */
    public static long get(ByteBuffer in, String what) throws CorruptFormatException {
        int at = in.position();
        long value = 0;
        for (int i = 0; i < MAX_BYTES; i++) {
            if (!in.hasRemaining()) {
                throw new CorruptFormatException(what, at, "it ends in a number");
            }
            byte next = in.get();
            boolean overflows = i == MAX_BYTES - 1 && (next & 0xff) > 1;
            if (overflows) {
                break;
            }
            value |= (next & 0x7fL) << (7 * i);
            if (next >= 0) {
                return value;
            }
        }
        throw new CorruptFormatException(what, at, "a number of more than 64 bits");
    }
}
