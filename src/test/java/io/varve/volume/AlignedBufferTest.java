package io.varve.volume;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class AlignedBufferTest {

    @Test
    void hasTheSizeAskedForAndAnAddressThatDirectIoTakes() {
        for (int bytes : new int[] {0, 1, 511, 4095, 4096, 4097, 1 << 20}) {
            ByteBuffer buffer = AlignedBuffer.allocate(bytes);
            assertThat(buffer.isDirect()).isTrue();
            assertThat(buffer.capacity()).isEqualTo(bytes);
            assertThat(buffer.remaining()).isEqualTo(bytes);
            assertThat(MemorySegment.ofBuffer(buffer).address() % 4096).isZero();
            assertThat(AlignedBuffer.isAligned(buffer)).isTrue();
        }
    }

    @Test
    void theAlignmentIsThatOfThePosition() {
        ByteBuffer buffer = AlignedBuffer.allocate(8192);
        assertThat(AlignedBuffer.isAligned(buffer.position(1))).isFalse();
        assertThat(AlignedBuffer.isAligned(buffer.position(4096))).isTrue();
        assertThat(AlignedBuffer.isAligned(buffer.slice(512, 4096))).isFalse();
        assertThat(AlignedBuffer.isAligned(ByteBuffer.allocate(8192))).isFalse();
    }
}
