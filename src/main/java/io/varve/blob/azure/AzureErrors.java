package io.varve.blob.azure;

import com.azure.core.exception.ClientAuthenticationException;
import com.azure.core.exception.HttpResponseException;
import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpResponse;
import com.azure.identity.CredentialUnavailableException;
import com.azure.storage.blob.models.BlobErrorCode;
import com.microsoft.aad.msal4j.MsalException;
import com.microsoft.aad.msal4j.MsalServiceException;
import io.varve.blob.BlobStorageException;
import io.varve.blob.StorageLocation;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;

/** Turns what a server or the SDK says into what a caller can act on. */
record AzureErrors(StorageLocation.AzureContainer location, InstantSource clock) {

    /** What Azure takes for a right clock. */
    private static final Duration SKEW = Duration.ofMinutes(15);

    /** Of a container that was deleted a moment ago, and of two who write at once. */
    private static final Set<BlobErrorCode> PASSING =
            Set.of(
                    BlobErrorCode.CONTAINER_BEING_DELETED,
                    BlobErrorCode.OPERATION_TIMED_OUT,
                    BlobErrorCode.SERVER_BUSY,
                    BlobErrorCode.INTERNAL_ERROR,
                    BlobErrorCode.MD5MISMATCH);

    /** The HTTP status; 0 if no server has answered. */
    static int status(RuntimeException failure) {
        return failure instanceof HttpResponseException answer && answer.getResponse() != null
                ? answer.getResponse().getStatusCode()
                : 0;
    }

    static boolean is(RuntimeException failure, BlobErrorCode code) {
        return code.equals(code(failure).orElse(null));
    }

    private static Optional<BlobErrorCode> code(Throwable failure) {
        return failure instanceof com.azure.storage.blob.models.BlobStorageException answer
                ? Optional.ofNullable(answer.getErrorCode())
                : Optional.empty();
    }

    IOException any(String doing, RuntimeException thrown) {
        if (Thread.currentThread().isInterrupted()) {
            InterruptedIOException interrupted =
                    new InterruptedIOException(doing + ": interrupted");
            interrupted.initCause(thrown);
            return interrupted;
        }
        Throwable failure = Exceptions.unwrap(thrown);
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case BlobStorageException ours -> {
                    return ours;
                }
                case com.azure.storage.blob.models.BlobStorageException answer -> {
                    return answered(doing, answer);
                }
                case CredentialUnavailableException none -> {
                    return isUnanswered(none) ? passing(doing, none) : unauthorized(doing, none);
                }
                case CertificateException untrusted -> {
                    return denied(
                            doing,
                            "its certificate is not trusted: " + untrusted.getMessage(),
                            thrown);
                }
                default -> {}
            }
        }
        // An untrusted certificate breaks a connection, too: only what is nothing else may pass.
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (isNetwork(cause)) {
                return new BlobStorageException.Unavailable(doing, location.toString(), cause);
            }
            if (isPassing(tokenStatus(cause))) {
                return passing(doing, cause);
            }
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ClientAuthenticationException || cause instanceof MsalException) {
                return unauthorized(doing, cause);
            }
        }
        // Not with its message, nor as the cause: it may hold an address, and that a signature.
        return denied(doing, "the client failed with " + failure.getClass().getName(), null);
    }

    private static boolean isNetwork(Throwable failure) {
        return failure instanceof IOException || failure instanceof TimeoutException;
    }

    private static boolean isUnanswered(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .anyMatch(cause -> isNetwork(cause) || isPassing(tokenStatus(cause)));
    }

    /** Of the answer of who gives tokens; 0 if there is none. */
    private static int tokenStatus(Throwable failure) {
        return switch (failure) {
            case MsalServiceException answer ->
                    answer.statusCode() == null ? 0 : answer.statusCode();
            case ClientAuthenticationException answer -> status(answer);
            default -> 0;
        };
    }

    private static boolean isPassing(int status) {
        return (status >= 500 && status != 501) || status == 408 || status == 429;
    }

    /** Who gives tokens is in trouble, not who asks for them. */
    private IOException passing(String doing, Throwable failure) {
        return new BlobStorageException.Unavailable(
                doing, location.toString(), new IOException(withoutToken(failure), failure));
    }

    private IOException unauthorized(String doing, Throwable failure) {
        return denied(doing, withoutToken(failure), failure);
    }

    private static String withoutToken(Throwable failure) {
        return "no token is got for the credentials; set %s, %s or what else the Azure SDK reads; it says: %s"
                .formatted(AzureKeys.KEY, AzureKeys.SIGNATURE, oneLine(failure.getMessage()));
    }

    private IOException answered(
            String doing, com.azure.storage.blob.models.BlobStorageException answer) {
        int status = answer.getStatusCode();
        BlobErrorCode code = code(answer).orElse(null);
        String where = location.toString();
        if (BlobErrorCode.CONTAINER_NOT_FOUND.equals(code)) {
            // Not NotFound: that would be an empty one, for which a repository can be created.
            return denied(
                    doing,
                    "there is no container '%s' at %s, make it first or correct the location"
                            .formatted(location.name(), location.server()),
                    answer);
        }
        String words = words(answer);
        Optional<Instant> there = date(answer.getResponse());
        boolean wrongClock =
                BlobErrorCode.AUTHENTICATION_FAILED.equals(code)
                        && there.filter(
                                        now ->
                                                Duration.between(now, clock.instant())
                                                                .abs()
                                                                .compareTo(SKEW)
                                                        > 0)
                                .isPresent();
        if (wrongClock) {
            return denied(
                    doing,
                    "the clock of this machine is wrong, the server's says %s: %s"
                            .formatted(there.orElseThrow(), words),
                    answer);
        }
        IOException said = new IOException(words, answer);
        if (status == 507) {
            return new BlobStorageException.Full(doing, where, said);
        }
        boolean passing = (code != null && PASSING.contains(code)) || isPassing(status);
        return passing
                ? new BlobStorageException.Unavailable(
                        doing, where, retryAfter(answer.getResponse()), said)
                : new BlobStorageException.Denied(doing, where, said);
    }

    private IOException denied(String doing, String words, @Nullable Throwable cause) {
        return new BlobStorageException.Denied(
                doing, location.toString(), new IOException(words, cause));
    }

    /** In seconds; a date, which HTTP allows too, is left to the pauses of whoever tries again. */
    private static Optional<Duration> retryAfter(HttpResponse answer) {
        return Optional.ofNullable(answer.getHeaderValue(HttpHeaderName.RETRY_AFTER))
                .filter(text -> text.matches("\\d{1,6}"))
                .map(text -> Duration.ofSeconds(Long.parseLong(text)));
    }

    private static Optional<Instant> date(HttpResponse answer) {
        try {
            return Optional.ofNullable(answer.getHeaderValue(HttpHeaderName.DATE))
                    .map(
                            text ->
                                    ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                                            .toInstant());
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /** The server's own, with what a server's operator looks for in its log. */
    private static String words(com.azure.storage.blob.models.BlobStorageException answer) {
        String code = code(answer).map(known -> " " + known).orElse("");
        String message = oneLine(answer.getServiceMessage());
        return "HTTP %d%s%s"
                .formatted(answer.getStatusCode(), code, message.isEmpty() ? "" : ": " + message);
    }

    private static String oneLine(@Nullable String message) {
        return message == null ? "" : message.strip().replaceAll("\\s*[\r\n]+\\s*", ", ");
    }
}
