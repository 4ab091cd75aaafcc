package io.varve.volume;

/**
 * What a target must offer.
 *
 * @param requiredBytes the least size; a new file gets exactly this one
 * @param existing what may happen to bytes that are there already
 */
public record TargetOptions(long requiredBytes, Existing existing) {

    /** How a target that is in use or holds something is treated. */
    public enum Existing {
        /** A file that is not empty is refused, and a device that is mounted or held. */
        REFUSE,
        /** The file is ours and half written: taken as it is. A device in use is still refused. */
        RESUME,
        /** Both are taken. */
        OVERWRITE
    }

    public TargetOptions {
        if (requiredBytes < 0) {
            throw new IllegalArgumentException("required bytes are negative: " + requiredBytes);
        }
    }

    public TargetOptions(long requiredBytes, boolean overwrite) {
        this(requiredBytes, overwrite ? Existing.OVERWRITE : Existing.REFUSE);
    }
}
