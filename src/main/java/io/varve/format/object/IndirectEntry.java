package io.varve.format.object;

import io.varve.format.ObjectId;

/**
 * One row of an indirect object's list: {@code length} bytes from {@code start} on are those of
 * {@code object}. In bytes; a length of 0 is legal and occurs.
 */
public record IndirectEntry(long start, long length, ObjectId object) {

    public IndirectEntry {
        if (start < 0) {
            throw new IllegalArgumentException("start is negative: " + start);
        }
        if (length < 0) {
            throw new IllegalArgumentException("length is negative: " + length);
        }
        if (start > Long.MAX_VALUE - length) {
            throw new IllegalArgumentException("end overflows: %d + %d".formatted(start, length));
        }
    }

    /** First byte after this entry. */
    public long end() {
        return start + length;
    }
}
