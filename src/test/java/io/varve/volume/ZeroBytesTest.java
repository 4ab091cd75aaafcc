package io.varve.volume;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class ZeroBytesTest {

    @Test
    void findsAnySingleByteThatIsNotZeroWhateverTheLengthAndThePosition() {
        for (int length : new int[] {1, 7, 8, 63, 64, 65, 127, 128, 200}) {
            for (int before : new int[] {0, 1, 5, 8}) {
                for (ByteBuffer buffer :
                        List.of(
                                ByteBuffer.allocate(length + before + 3),
                                ByteBuffer.allocateDirect(length + before + 3))) {
                    checkEveryByte(buffer.position(before).limit(before + length));
                }
            }
        }
    }

    @Test
    void nothingIsZero() {
        assertThat(ZeroBytes.isZero(ByteBuffer.allocate(0))).isTrue();
    }

    private static void checkEveryByte(ByteBuffer buffer) {
        assertThat(ZeroBytes.isZero(buffer)).isTrue();
        for (int at = buffer.position(); at < buffer.limit(); at++) {
            buffer.put(at, (byte) 0x80);
            assertThat(ZeroBytes.isZero(buffer)).as("%s, byte %d", buffer, at).isFalse();
            buffer.put(at, (byte) 0);
        }
        ByteBuffer around = buffer.duplicate().clear();
        around.put(around.limit() - 1, (byte) 1);
        assertThat(ZeroBytes.isZero(buffer)).as("what follows the limit").isTrue();
        around.put(around.limit() - 1, (byte) 0);
    }
}
