package io.varve.blob.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.utils.SdkAutoCloseable;

class RenewedCredentialsTest {

    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();

    /** Gives always the same; none if the key is empty. */
    private final class Fixed implements AwsCredentialsProvider, SdkAutoCloseable {

        private final String key;
        private final String origin;

        Fixed(String key, String origin) {
            this.key = key;
            this.origin = origin;
            open.incrementAndGet();
        }

        @Override
        public AwsBasicCredentials resolveCredentials() {
            if (key.isEmpty()) {
                throw SdkClientException.create("none");
            }
            return AwsBasicCredentials.builder()
                    .accessKeyId(key)
                    .secretAccessKey("secret")
                    .providerName(origin)
                    .build();
        }

        @Override
        public void close() {
            open.decrementAndGet();
        }
    }

    private RenewedCredentials credentials(IntFunction<AwsCredentialsProvider> source) {
        return new RenewedCredentials(() -> source.apply(made.getAndIncrement()), nanos::get);
    }

    private void later() {
        nanos.addAndGet(Duration.ofMinutes(2).toNanos());
    }

    @Test
    void callsThatFailTogetherAreOneRenewal() {
        RenewedCredentials credentials = credentials(number -> new Fixed("key" + number, "role"));
        assertThat(credentials.resolveCredentials().accessKeyId()).isEqualTo("key0");
        for (int call = 0; call < 5; call++) {
            assertThat(credentials.renew()).isTrue();
            assertThat(credentials.resolveCredentials().accessKeyId()).isEqualTo("key1");
        }
        later();
        assertThat(credentials.renew()).isTrue();
        assertThat(credentials.resolveCredentials().accessKeyId()).isEqualTo("key2");
        credentials.close();
        assertThat(open).hasValue(0);
    }

    /** A call may have been signed before the SDK renewed them. */
    @Test
    void theSameAreTriedOnceMoreAndThenNoMore() {
        RenewedCredentials credentials = credentials(_ -> new Fixed("key", "role"));
        credentials.resolveCredentials();
        assertThat(credentials.renew()).isTrue();
        later();
        assertThat(credentials.renew()).isFalse();
        assertThat(credentials.renew()).isFalse();
        assertThat(made).hasValue(3);
    }

    @Test
    void thoseOfAnotherOriginAreSomebodyElses() {
        RenewedCredentials credentials =
                credentials(number -> new Fixed("key" + number, number == 0 ? "role" : "machine"));
        credentials.resolveCredentials();
        assertThat(credentials.renew()).isFalse();
        assertThat(credentials.resolveCredentials().accessKeyId()).isEqualTo("key0");
    }

    @Test
    void whereNoneAreFoundTheOldOnesStay() {
        RenewedCredentials credentials =
                credentials(number -> new Fixed(number == 0 ? "key" : "", "role"));
        credentials.resolveCredentials();
        assertThatThrownBy(credentials::renew).hasMessage("none");
        assertThat(credentials.renew()).as("asked once in a while").isFalse();
        assertThat(made).hasValue(2);
        assertThat(credentials.resolveCredentials().accessKeyId()).isEqualTo("key");
        credentials.close();
        assertThat(open).hasValue(0);
    }
}
