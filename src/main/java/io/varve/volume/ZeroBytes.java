package io.varve.volume;

import java.nio.ByteBuffer;

/** Finds blocks that need no storage. */
public final class ZeroBytes {
    private static final int STEP = 8 * Long.BYTES;

    private ZeroBytes() {}

    /**
     * Whether all remaining bytes are zero; true if none remain. The position stays. A block that
     * has data is usually told by its first 64 bytes.
     */
    public static boolean isZero(ByteBuffer bytes) {
        int at = bytes.position();
        int end = bytes.limit();
        for (; at <= end - STEP; at += STEP) {
            long any =
                    bytes.getLong(at)
                            | bytes.getLong(at + 8)
                            | bytes.getLong(at + 16)
                            | bytes.getLong(at + 24)
                            | bytes.getLong(at + 32)
                            | bytes.getLong(at + 40)
                            | bytes.getLong(at + 48)
                            | bytes.getLong(at + 56);
            if (any != 0) {
                return false;
            }
        }
        for (; at < end; at++) {
            if (bytes.get(at) != 0) {
                return false;
            }
        }
        return true;
    }
}
