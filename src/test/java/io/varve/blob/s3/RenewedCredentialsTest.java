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

    /** Gives always the same. */
    private final class Fixed implements AwsCredentialsProvider, SdkAutoCloseable {

        private final AwsBasicCredentials credentials;

        Fixed(String key) {
            credentials = AwsBasicCredentials.create(key, "secret");
            open.incrementAndGet();
        }

        @Override
        public AwsBasicCredentials resolveCredentials() {
            return credentials;
        }

        @Override
        public void close() {
            open.decrementAndGet();
        }
    }

    private RenewedCredentials credentials(IntFunction<AwsCredentialsProvider> source) {
        return new RenewedCredentials(() -> source.apply(made.getAndIncrement()), nanos::get);
    }

    @Test
    void callsThatFailTogetherAreOneRenewal() {
        RenewedCredentials credentials = credentials(number -> new Fixed("key" + number));
        assertThat(credentials.resolveCredentials().accessKeyId()).isEqualTo("key0");
        for (int call = 0; call < 5; call++) {
            assertThat(credentials.renew()).isTrue();
            assertThat(credentials.resolveCredentials().accessKeyId()).isEqualTo("key1");
        }
        nanos.addAndGet(Duration.ofMinutes(1).toNanos());
        assertThat(credentials.renew()).isTrue();
        assertThat(credentials.resolveCredentials().accessKeyId()).isEqualTo("key2");
        assertThat(open).hasValue(1);
        credentials.close();
        assertThat(open).hasValue(0);
    }

    @Test
    void theSameOnceMoreAreNoOthers() {
        RenewedCredentials credentials = credentials(_ -> new Fixed("key"));
        assertThat(credentials.renew()).isFalse();
        assertThat(credentials.renew()).isFalse();
        assertThat(made).hasValue(2);
    }

    @Test
    void whereNoneAreFoundTheOldOnesStay() {
        RenewedCredentials credentials =
                credentials(
                        number -> {
                            if (number > 0) {
                                throw SdkClientException.create("none");
                            }
                            return new Fixed("key");
                        });
        assertThatThrownBy(credentials::renew).hasMessage("none");
        assertThat(credentials.resolveCredentials().accessKeyId()).isEqualTo("key");
        assertThat(open).hasValue(1);
    }
}
