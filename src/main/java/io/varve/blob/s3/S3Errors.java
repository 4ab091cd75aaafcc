package io.varve.blob.s3;

import io.varve.blob.BlobStorageException;
import io.varve.blob.StorageLocation;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * Turns what a server or the SDK says into what a caller can act on.
 *
 * @param patience which its client has
 * @param credentials are looked for anew when the server says that they have expired
 */
record S3Errors(StorageLocation.Bucket location, Patience patience, Renewal credentials) {

    S3Errors(StorageLocation.Bucket location, Renewal credentials) {
        this(location, Patience.with(location), credentials);
    }

    /** Finds other credentials. */
    @FunctionalInterface
    interface Renewal {

        /** Whether there are others. */
        boolean renew();
    }

    /** Codes of S3 and of its compatibles that mean a quota or a disk. */
    private static final Set<String> FULL =
            Set.of("QuotaExceeded", "XMinioStorageFull", "InsufficientStorage");

    /** Of those that are given for a time; some servers say it otherwise than S3. */
    private static final Set<String> EXPIRED =
            Set.of("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired");

    private static final Set<String> CLOCK = Set.of("RequestTimeTooSkewed", "RequestExpired");

    /** What a later try may get past, beside a status of the server's own trouble. */
    private static final Set<String> PASSING =
            Set.of(
                    "RequestTimeout",
                    "SlowDown",
                    "BadDigest",
                    "IncompleteBody",
                    "OperationAborted",
                    "ConditionalRequestConflict");

    private static final String NO_KEY = "NoSuchKey";

    private static final String NO_BUCKET = "NoSuchBucket";

    /** The HTTP status; 0 if no server has answered. */
    static int status(SdkException failure) {
        return failure instanceof AwsServiceException answer ? answer.statusCode() : 0;
    }

    static boolean isWithoutKey(SdkException failure) {
        return code(failure).equals(NO_KEY);
    }

    IOException any(String doing, SdkException failure) {
        if (failure instanceof AbortedException) {
            InterruptedIOException interrupted =
                    new InterruptedIOException(doing + ": interrupted");
            interrupted.initCause(failure);
            return interrupted;
        }
        return failure instanceof AwsServiceException answer
                ? answered(doing, answer)
                : unanswered(doing, failure);
    }

    private IOException unanswered(String doing, SdkException failure) {
        String where = location.toString();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof BlobStorageException ours) {
                return ours;
            }
            if (cause instanceof CertificateException) {
                return new BlobStorageException.Denied(
                        doing,
                        where,
                        said(
                                "its certificate is not trusted, name its authority's with ca=: "
                                        + cause.getMessage(),
                                failure));
            }
        }
        if (failure instanceof ApiCallTimeoutException) {
            return new BlobStorageException.Unavailable(
                    doing,
                    where,
                    said(
                            "the call was not over after %d s; if the line is slow, set a longer timeout= in the location"
                                    .formatted(patience.call().toSeconds()),
                            failure));
        }
        if (root(failure) instanceof SocketTimeoutException silent
                && String.valueOf(silent.getMessage()).startsWith("Read")) {
            return new BlobStorageException.Unavailable(
                    doing,
                    where,
                    said("silent for %d s".formatted(patience.silence().toSeconds()), failure));
        }
        return String.valueOf(failure.getMessage()).contains("Unable to load credentials")
                ? new BlobStorageException.Denied(
                        doing, where, said(NO_CREDENTIALS + failure.getMessage(), failure))
                : new BlobStorageException.Unavailable(doing, where, root(failure));
    }

    private IOException answered(String doing, AwsServiceException answer) {
        String where = location.toString();
        String code = code(answer);
        if (code.equals(NO_BUCKET)) {
            // Not NotFound: that would be an empty bucket, for which a repository can be created.
            return new BlobStorageException.Denied(
                    doing,
                    where,
                    said(
                            "there is no bucket '%s' at %s, make it first or correct the location"
                                    .formatted(location.bucket(), location.server()),
                            answer));
        }
        if (CLOCK.contains(code)) {
            return new BlobStorageException.Denied(
                    doing,
                    where,
                    said("the clock of this machine is wrong: " + words(answer), answer));
        }
        if (words(answer).replace(" ", "").contains("missingObjectLockConfiguration")) {
            return new BlobStorageException.Denied(
                    doing,
                    where,
                    said("the bucket was made without object lock: " + words(answer), answer));
        }
        if (EXPIRED.contains(code)) {
            return expired(doing, answer);
        }
        IOException said = said(words(answer), answer);
        int status = answer.statusCode();
        if (FULL.contains(code) || status == 507) {
            return new BlobStorageException.Full(doing, where, said);
        }
        boolean passing =
                PASSING.contains(code)
                        || (status >= 500 && status != 501)
                        || status == 408
                        || status == 409
                        || status == 429;
        return passing
                ? new BlobStorageException.Unavailable(doing, where, retryAfter(answer), said)
                : new BlobStorageException.Denied(doing, where, said);
    }

    private IOException expired(String doing, AwsServiceException answer) {
        String where = location.toString();
        try {
            if (credentials.renew()) {
                return new BlobStorageException.Unavailable(
                        doing,
                        where,
                        said(
                                "the credentials have expired, others are used now: "
                                        + words(answer),
                                answer));
            }
        } catch (RuntimeException e) {
            // The SDK's own, or what it says of an interrupt or of a client that was closed.
            if (Thread.currentThread().isInterrupted()) {
                return any(doing, AbortedException.create("interrupted", e));
            }
            answer.addSuppressed(e);
        }
        return new BlobStorageException.Denied(
                doing,
                where,
                said(
                        "the credentials have expired, and the SDK finds no others: "
                                + words(answer),
                        answer));
    }

    /** In seconds; a date, which HTTP allows too, is left to the pauses of whoever tries again. */
    private static Optional<Duration> retryAfter(AwsServiceException answer) {
        return Optional.ofNullable(answer.awsErrorDetails())
                .flatMap(details -> Optional.ofNullable(details.sdkHttpResponse()))
                .flatMap(response -> response.firstMatchingHeader("Retry-After"))
                .filter(text -> text.matches("\\d{1,6}"))
                .map(text -> Duration.ofSeconds(Long.parseLong(text)));
    }

    private static final String NO_CREDENTIALS =
            "no credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or what else the AWS SDK reads; it says: ";

    private static String code(SdkException failure) {
        return failure instanceof AwsServiceException answer
                        && answer.awsErrorDetails() != null
                        && answer.awsErrorDetails().errorCode() != null
                ? answer.awsErrorDetails().errorCode()
                : "";
    }

    /** The server's own, with what a server's operator looks for in its log. */
    private static String words(AwsServiceException answer) {
        String message =
                answer.awsErrorDetails() == null || answer.awsErrorDetails().errorMessage() == null
                        ? ""
                        : ": " + answer.awsErrorDetails().errorMessage();
        String request = answer.requestId() == null ? "" : ", request " + answer.requestId();
        return "HTTP %d %s%s%s".formatted(answer.statusCode(), code(answer), message, request);
    }

    private static IOException said(String words, Throwable cause) {
        return new IOException(words, cause);
    }

    /** The SDK's messages repeat their cause's, with advice for its own retries. */
    private static Throwable root(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }
}
