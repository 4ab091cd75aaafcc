package io.varve.blob.s3;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
    private static final Duration ONE_RENEWAL = Duration.ofMinutes(2);

    private final Supplier<? extends AwsCredentialsProvider> source;
    private final LongSupplier nanos;
    private final List<AwsCredentialsProvider> all = new ArrayList<>();
    private volatile AwsCredentialsProvider provider;
    private volatile @Nullable AwsCredentials used;
    private @Nullable AwsCredentials tried;
    private @Nullable Long renewedAt;
    private boolean renewed;

    RenewedCredentials(Supplier<? extends AwsCredentialsProvider> source, LongSupplier nanos) {
        this.source = source;
        this.nanos = nanos;
        this.provider = source.get();
        all.add(provider);
    }

    /** Those that the SDK finds. */
    static RenewedCredentials found() {
        return new RenewedCredentials(
                () -> DefaultCredentialsProvider.builder().build(), System::nanoTime);
    }

    @Override
    public AwsCredentials resolveCredentials() {
        AwsCredentials found = provider.resolveCredentials();
        used = found;
        return found;
    }

    /**
     * Looks for others, where the old ones came from. The same are worth one more try: the SDK may
     * have renewed them while the call was under way.
     *
     * @return whether a call is worth making again
     */
    synchronized boolean renew() {
        Long last = renewedAt;
        long now = nanos.getAsLong();
        if (last != null && now - last < ONE_RENEWAL.toNanos()) {
            return renewed;
        }
        renewedAt = now;
        renewed = false;
        AwsCredentialsProvider next = source.get();
        all.add(next);
        AwsCredentials found = next.resolveCredentials();
        AwsCredentials before = used;
        boolean sameOrigin = before == null || before.providerName().equals(found.providerName());
        if (sameOrigin && !found.equals(tried)) {
            tried = found;
            provider = next;
            renewed = true;
        }
        return renewed;
    }

    /** All of them: one may be in use until the end. */
    @Override
    public synchronized void close() {
        for (AwsCredentialsProvider each : all) {
            if (each instanceof SdkAutoCloseable closeable) {
                closeable.close();
            }
        }
    }
}
