package io.varve.cbt.csi;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A storage did not say which blocks. */
public final class TrackingException extends IOException {

    /** What may be done about it. */
    public enum Kind {
        /**
         * The service refuses this caller or this question: somebody set something up wrongly, and
         * reading more instead would hide it.
         */
        DENIED,
        /** The driver does not have this call. */
        UNSUPPORTED,
        /** It could not answer, or what it answered is not to be relied on. */
        FAILED
    }

    private final Kind kind;

    public TrackingException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
