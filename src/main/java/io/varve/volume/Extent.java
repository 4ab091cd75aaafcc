package io.varve.volume;

/**
 * A half-open range {@code [offset, end)} of a volume, in bytes. Never empty, never beyond 2^63 -
 * 1.
 */
public record Extent(long offset, long length) {

    public Extent {
        if (offset < 0) {
            throw new IllegalArgumentException("offset is negative: " + offset);
        }
        if (length <= 0) {
            throw new IllegalArgumentException("length is not positive: " + length);
        }
        if (offset > Long.MAX_VALUE - length) {
            throw new IllegalArgumentException("end overflows: %d + %d".formatted(offset, length));
        }
    }

    /** First byte after this extent. */
    public long end() {
        return offset + length;
    }
}
