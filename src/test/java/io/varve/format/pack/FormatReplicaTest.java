package io.varve.format.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.format.CorruptFormatException;
import io.varve.format.Golden;
import io.varve.format.Mutations;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class FormatReplicaTest {

    private static final byte[] PLAIN = "aadsdasdas".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] VECTOR =
            Golden.hex(
                    "2a00616164736461736461735d248ba07bde060f500ae9b489ff4635"
                            + "8544ada66b4737a879ec5f0c9cc257ef2a00");

    @Test
    void bytesAreKopias() throws Exception {
        assertThat(FormatReplica.encode(PLAIN)).isEqualTo(VECTOR);
        assertThat(FormatReplica.decode(ByteBuffer.wrap(VECTOR), "p1")).isEqualTo(PLAIN);
    }

    @Test
    void whatFollowsInThePackIsLeftAlone() throws Exception {
        ByteBuffer pack = ByteBuffer.wrap(Arrays.copyOf(VECTOR, 5000));
        assertThat(FormatReplica.decode(pack, "p1")).isEqualTo(PLAIN);
        assertThat(pack.position()).isZero();
    }

    @Test
    void longestFormatBlobFitsAndNoLonger() throws Exception {
        byte[] longest = new byte[FormatReplica.MAX_LENGTH - 32];
        ByteBuffer pack = ByteBuffer.wrap(FormatReplica.encode(longest));
        assertThat(FormatReplica.decode(pack, "p1")).isEqualTo(longest);
        assertThatThrownBy(() -> FormatReplica.encode(new byte[longest.length + 1]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void everyDamageIsRefused() {
        for (int at = 0; at < VECTOR.length; at++) {
            byte[] damaged = VECTOR.clone();
            damaged[at] ^= 4;
            assertThatThrownBy(() -> FormatReplica.decode(ByteBuffer.wrap(damaged), "p1"))
                    .as("byte %d", at)
                    .isInstanceOf(CorruptFormatException.class)
                    .hasMessageContaining("p1");
        }
    }

    @Test
    void damagedReplicaIsReadOrRefused() throws Exception {
        Mutations.survives(VECTOR, bytes -> FormatReplica.decode(ByteBuffer.wrap(bytes), "p1"));
    }

    @Test
    void packsArePaddedToPagesAndWholePagesByOneMore() {
        assertThat(PackLayout.paddingAfter(32)).isEqualTo(4064);
        assertThat(PackLayout.paddingAfter(4095)).isEqualTo(1);
        assertThat(PackLayout.paddingAfter(4096)).isEqualTo(4096);
    }
}
