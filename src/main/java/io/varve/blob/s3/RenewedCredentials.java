package io.varve.blob.s3;

import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/**
 * Credentials that are looked for anew when the server says that they have expired. The SDK does so
 * by this machine's clock, and some time before; the server's may be another. Safe for many
 * threads.
 */
final class RenewedCredentials implements AwsCredentialsProvider, SdkAutoCloseable {

    /** Calls that were under way with the old ones fail for so long, and are made again. */
    private static final Duration ONE_RENEWAL = Duration.ofMinutes(1);

    private final Supplier<? extends AwsCredentialsProvider> source;
    private final LongSupplier nanos;
    private volatile AwsCredentialsProvider provider;
    private @Nullable Long renewedAt;
    private boolean renewed;

    RenewedCredentials(Supplier<? extends AwsCredentialsProvider> source, LongSupplier nanos) {
        this.source = source;
        this.nanos = nanos;
        this.provider = source.get();
    }

    /** Those that the SDK finds. */
    static RenewedCredentials found() {
        return new RenewedCredentials(
                () -> DefaultCredentialsProvider.builder().build(), System::nanoTime);
    }

    @Override
    public AwsCredentials resolveCredentials() {
        return provider.resolveCredentials();
    }

    /**
     * Looks for others.
     *
     * @return whether there are: a call is worth making again
     */
    synchronized boolean renew() {
        Long last = renewedAt;
        long now = nanos.getAsLong();
        if (last != null && now - last < ONE_RENEWAL.toNanos()) {
            return renewed;
        }
        AwsCredentialsProvider expired = provider;
        AwsCredentials before = expired.resolveCredentials();
        AwsCredentialsProvider next = source.get();
        renewed = !next.resolveCredentials().equals(before);
        renewedAt = now;
        provider = next;
        close(expired);
        return renewed;
    }

    private static void close(AwsCredentialsProvider provider) {
        if (provider instanceof SdkAutoCloseable closeable) {
            closeable.close();
        }
    }

    @Override
    public void close() {
        close(provider);
    }
}
