package io.varve.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.format.BlobConfig.Retention;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Format, 2.5. */
class BlobConfigTest {

    private static final BlobConfig LOCKED =
            new BlobConfig(Optional.of(new Retention("COMPLIANCE", Duration.ofDays(1))));

    @Test
    void modeAndPeriodAreBothThereOrNone() {
        assertThat(new String(BlobConfig.NONE.encode(), UTF_8)).isEqualTo("{}");
        assertThat(new String(LOCKED.encode(), UTF_8))
                .isEqualTo("{\"retentionMode\":\"COMPLIANCE\",\"retentionPeriod\":86400000000000}");
    }

    @Test
    void aPeriodOfNothingIsNoLock() throws CorruptFormatException {
        String off = "{\"retentionMode\":\"COMPLIANCE\",\"retentionPeriod\":0}";
        assertThat(BlobConfig.decode(ByteBuffer.wrap(off.getBytes(UTF_8))))
                .isEqualTo(BlobConfig.NONE);
    }

    @Test
    void whatWasWrittenIsRead() throws CorruptFormatException {
        for (BlobConfig config : new BlobConfig[] {BlobConfig.NONE, LOCKED}) {
            assertThat(BlobConfig.decode(ByteBuffer.wrap(config.encode()))).isEqualTo(config);
        }
    }
}
