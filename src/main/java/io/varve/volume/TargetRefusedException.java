package io.varve.volume;

import java.io.IOException;
import java.nio.file.Path;

/** A target that must not be written. Nothing was: its bytes and its size are what they were. */
public final class TargetRefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * @param why what was found, what was expected and what to do
     */
    TargetRefusedException(Path target, String why) {
        super("target %s: %s".formatted(target, why));
    }

    /** Because {@code size} bytes, which the target has, are not enough. */
    static TargetRefusedException tooSmall(Path target, long size, long requiredBytes) {
        return new TargetRefusedException(
                target,
                "it has %d bytes, %d are needed; choose a larger one"
                        .formatted(size, requiredBytes));
    }
}
