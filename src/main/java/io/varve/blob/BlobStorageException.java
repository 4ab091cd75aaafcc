package io.varve.blob;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a caller of {@link BlobStorage} can act on. The message names what was being done, to which
 * blob, and the storage. {@code doing} is a verb and its object, such as {@code read blob p3f2}.
 */
public abstract sealed class BlobStorageException extends IOException {

    private BlobStorageException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** There is no such blob, or no such storage. */
    public static final class NotFound extends BlobStorageException {
        public NotFound(BlobId id, String storage) {
            super("read blob %s: there is no such blob in %s".formatted(id, storage), null);
        }

        public NotFound(String doing, String problem) {
            super("%s: %s".formatted(doing, problem), null);
        }
    }

    /** The storage did not answer, asked to slow down, or had an I/O error. A retry may help. */
    public static final class Unavailable extends BlobStorageException {

        private final transient Optional<Duration> retryAfter;

        public Unavailable(String doing, String storage, Throwable cause) {
            this(doing, storage, Optional.empty(), cause);
        }

        /**
         * @param retryAfter how long the storage asks to be left alone
         */
        public Unavailable(
                String doing, String storage, Optional<Duration> retryAfter, Throwable cause) {
            super("%s: %s is unavailable: %s".formatted(doing, storage, reason(cause)), cause);
            this.retryAfter = retryAfter;
        }

        /** How long the storage asks to be left alone, if it does. */
        public Optional<Duration> retryAfter() {
            return retryAfter;
        }
    }

    /** The storage refuses: permissions, credentials or a read-only file system. */
    public static final class Denied extends BlobStorageException {
        public Denied(String doing, String storage, Throwable cause) {
            super(
                    "%s: %s denies it: %s; check who owns it and what it permits"
                            .formatted(doing, storage, reason(cause)),
                    cause);
        }
    }

    /** No space is left, or the quota is used up. */
    public static final class Full extends BlobStorageException {
        public Full(String doing, String storage, Throwable cause) {
            super(
                    "%s: %s is full: %s; free space there or raise the quota, then run again"
                            .formatted(doing, storage, reason(cause)),
                    cause);
        }
    }

    /**
     * What lies there cannot be what a backup program put there: settings of the storage that
     * cannot be understood, or a blob bigger than any of ours.
     */
    public static final class Damaged extends BlobStorageException {
        public Damaged(String doing, String problem, @Nullable Throwable cause) {
            super("%s: %s".formatted(doing, problem), cause);
        }
    }

    private static String reason(Throwable cause) {
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }
}
