package io.varve.mover.block;

/**
 * What became of every byte of the volume, in bytes of its real size.
 *
 * @param unallocatedBytes not read, and zero
 * @param unchangedBytes the same as in the parent, read or not
 * @param zeroBytes read, only zeros
 * @param deduplicatedBytes read, and known to the repository
 * @param storedBytes read and stored, before compression
 */
public record ByteAccount(
        long unallocatedBytes,
        long unchangedBytes,
        long zeroBytes,
        long deduplicatedBytes,
        long storedBytes) {

    /** The sum of all five: the volume's size. */
    public long total() {
        return unallocatedBytes + unchangedBytes + zeroBytes + deduplicatedBytes + storedBytes;
    }
}
