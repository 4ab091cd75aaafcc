package io.varve.blob.google;

import com.google.api.client.googleapis.json.GoogleJsonError;
import com.google.api.client.googleapis.json.GoogleJsonResponseException;
import com.google.api.client.http.HttpResponseException;
import com.google.auth.Retryable;
import io.varve.blob.BlobStorageException;
import io.varve.blob.StorageLocation;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Turns what a server or the client says into what a caller can act on. */
record GoogleErrors(StorageLocation.GoogleBucket location) {

    static final int NOT_FOUND = 404;

    /** A quota that a pause does not give back. */
    private static final Set<String> FULL = Set.of("quotaExceeded", "dailyLimitExceeded");

    /** What a later try may get past, beside a status of the server's own trouble. */
    private static final Set<String> PASSING =
            Set.of("rateLimitExceeded", "userRateLimitExceeded", "backendError", "internalError");

    /** The HTTP status; 0 if no server has answered. */
    static int status(IOException failure) {
        return failure instanceof HttpResponseException answer ? answer.getStatusCode() : 0;
    }

    IOException any(String doing, IOException failure) {
        if (failure instanceof BlobStorageException) {
            return failure;
        }
        if (Thread.currentThread().isInterrupted()) {
            InterruptedIOException interrupted =
                    new InterruptedIOException(doing + ": interrupted");
            interrupted.initCause(failure);
            return interrupted;
        }
        return switch (failure) {
            case Authorization.Failure keys -> unauthorized(doing, keys);
            case HttpResponseException answer -> answered(doing, answer);
            default -> unanswered(doing, failure);
        };
    }

    IOException withoutBucket(String doing, IOException answer) {
        // Not NotFound: that would be an empty bucket, for which a repository can be created.
        return denied(
                doing,
                "there is no bucket '%s' at %s, make it first or correct the location"
                        .formatted(location.name(), location.server()),
                answer);
    }

    private IOException unauthorized(String doing, Authorization.Failure keys) {
        for (Throwable cause = keys; cause != null; cause = cause.getCause()) {
            if (cause instanceof Retryable token) {
                return token.isRetryable()
                        ? new BlobStorageException.Unavailable(
                                doing, "Google's token service", keys)
                        : denied(
                                doing,
                                "Google gives no token for the credentials, or the clock of this machine is wrong: "
                                        + keys.getMessage(),
                                keys);
            }
        }
        for (Throwable cause = keys; cause != null; cause = cause.getCause()) {
            if (isPassing(cause)) {
                return new BlobStorageException.Unavailable(doing, "Google's token service", keys);
            }
        }
        return denied(
                doing,
                "no credentials can be used: set GOOGLE_APPLICATION_CREDENTIALS, %s, or what else Google's library reads; it says: %s"
                        .formatted(Authorization.KEY_VARIABLE, keys.getMessage()),
                keys);
    }

    /** As in: Provided MD5 hash "…" doesn't match calculated MD5 hash "…". */
    private static boolean isBrokenOnTheWay(HttpResponseException answer) {
        return answer.getStatusCode() == 400 && words(answer).matches("(?is).*hash.*match.*");
    }

    /** Of another service than the storage. */
    private static boolean isPassing(Throwable failure) {
        return failure instanceof SocketException
                || failure instanceof SocketTimeoutException
                || failure instanceof UnknownHostException
                || (failure instanceof HttpResponseException answer
                        && isPassing(answer.getStatusCode()));
    }

    private static boolean isPassing(int status) {
        return (status >= 500 && status != 501) || status == 408 || status == 429;
    }

    private IOException unanswered(String doing, IOException failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                return denied(
                        doing, "its certificate is not trusted: " + cause.getMessage(), failure);
            }
        }
        return new BlobStorageException.Unavailable(doing, location.toString(), failure);
    }

    private IOException answered(String doing, HttpResponseException answer) {
        int status = answer.getStatusCode();
        String reason = reason(answer);
        if (status == NOT_FOUND) {
            return withoutBucket(doing, answer);
        }
        IOException said = new IOException(words(answer), answer);
        String where = location.toString();
        if (FULL.contains(reason) || status == 507) {
            return new BlobStorageException.Full(doing, where, said);
        }
        boolean passing =
                PASSING.contains(reason)
                        || isPassing(status)
                        || isBrokenOnTheWay(answer)
                        // Somebody writes the same object at this moment.
                        || status == 409;
        return passing
                ? new BlobStorageException.Unavailable(doing, where, retryAfter(answer), said)
                : new BlobStorageException.Denied(doing, where, said);
    }

    private IOException denied(String doing, String words, IOException cause) {
        return new BlobStorageException.Denied(
                doing, location.toString(), new IOException(words, cause));
    }

    /** In seconds; a date, which HTTP allows too, is left to the pauses of whoever tries again. */
    private static Optional<Duration> retryAfter(HttpResponseException answer) {
        return Optional.ofNullable(answer.getHeaders())
                .flatMap(headers -> Optional.ofNullable(headers.getRetryAfter()))
                .filter(text -> text.matches("\\d{1,6}"))
                .map(text -> Duration.ofSeconds(Long.parseLong(text)));
    }

    private static Optional<GoogleJsonError> details(HttpResponseException answer) {
        return answer instanceof GoogleJsonResponseException json
                ? Optional.ofNullable(json.getDetails())
                : Optional.empty();
    }

    private static String reason(HttpResponseException answer) {
        return details(answer)
                .flatMap(error -> Optional.ofNullable(error.getErrors()))
                .map(List::stream)
                .flatMap(errors -> errors.findFirst())
                .flatMap(first -> Optional.ofNullable(first.getReason()))
                .orElse("");
    }

    /** The server's own. */
    private static String words(HttpResponseException answer) {
        String reason = reason(answer);
        String message =
                details(answer)
                        .flatMap(error -> Optional.ofNullable(error.getMessage()))
                        .orElse("");
        return "HTTP %d%s%s"
                .formatted(
                        answer.getStatusCode(),
                        reason.isEmpty() ? "" : " " + reason,
                        message.isEmpty() ? "" : ": " + message);
    }
}
