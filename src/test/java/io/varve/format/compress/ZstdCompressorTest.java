package io.varve.format.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import io.varve.format.CorruptFormatException;
import io.varve.format.SeededBytes;
import io.varve.format.UnsupportedFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ZstdCompressorTest {

    private static final int CHECKSUM_FLAG = 0x04;

    private final SeededBytes bytes = new SeededBytes();

    @ParameterizedTest
    @EnumSource(names = {"ZSTD", "ZSTD_FASTEST", "ZSTD_BETTER", "ZSTD_BEST"})
    void whatIsPackedUnpacks(Compression compression) throws IOException {
        try (ZstdCompressor compressor = new ZstdCompressor(compression)) {
            assertThat(compressor.compression()).isEqualTo(compression);
            for (int length : new int[] {100, 5000, 1 << 20}) {
                byte[] plain = new byte[length];
                byte[] noise = bytes.next(length / 3);
                System.arraycopy(noise, 0, plain, length / 3, noise.length);
                for (boolean directSource : new boolean[] {false, true}) {
                    for (boolean directTarget : new boolean[] {false, true}) {
                        ByteBuffer source = buffer(directSource, length + 9);
                        source.position(4).put(plain).flip().position(4);
                        ByteBuffer target = buffer(directTarget, length + 9).position(6);

                        assertThat(compressor.compress(source, target)).isTrue();

                        assertThat(source.position()).isEqualTo(4);
                        ByteBuffer stored = target.flip().position(6);
                        assertThat(stored.getInt(6)).isEqualTo(compression.headerId());
                        assertThat(stored.remaining()).isLessThan(length);
                        assertThat(compression.decompress(stored, length))
                                .as(
                                        "%s, %d bytes, direct %s -> %s",
                                        bytes, length, directSource, directTarget)
                                .isEqualTo(plain);
                    }
                }
            }
        }
    }

    @Test
    void aFrameHoldsItsContentsSizeAndAChecksum() throws IOException {
        try (ZstdCompressor compressor = new ZstdCompressor(Compression.ZSTD_FASTEST)) {
            ByteBuffer target = ByteBuffer.allocate(1 << 20);
            assertThat(compressor.compress(ByteBuffer.allocate(1 << 20), target)).isTrue();
            byte[] frame = Arrays.copyOfRange(target.array(), 4, target.position());

            assertThat(Zstd.getFrameContentSize(frame)).isEqualTo(1 << 20);
            assertThat(frame[4] & CHECKSUM_FLAG).isNotZero();
        }
    }

    @Test
    void whatDoesNotGetSmallerIsNotPacked() throws IOException {
        try (ZstdCompressor compressor = new ZstdCompressor(Compression.ZSTD)) {
            for (int length : new int[] {0, 1, 4, 5, 6, 20, 1000, 1 << 20}) {
                byte[] plain = bytes.next(length);
                for (boolean direct : new boolean[] {false, true}) {
                    ByteBuffer source = buffer(direct, length).put(plain).flip();
                    ByteBuffer target = buffer(direct, length + 100).position(2);

                    assertThat(compressor.compress(source, target))
                            .as("%s, %d bytes", bytes, length)
                            .isFalse();
                    assertThat(target.position()).isEqualTo(2);
                    assertThat(source.remaining()).isEqualTo(length);
                }
            }
        }
    }

    @Test
    void theHeaderCountsWhenTheResultMustBeSmaller() throws IOException {
        try (ZstdCompressor compressor = new ZstdCompressor(Compression.ZSTD)) {
            int packedOnce = 0;
            for (int zeros = 0; zeros < 60; zeros++) {
                byte[] plain = Arrays.copyOf(bytes.next(40), 40 + zeros);
                ByteBuffer target = ByteBuffer.allocate(plain.length);

                boolean packed = compressor.compress(ByteBuffer.wrap(plain), target);

                if (packed) {
                    packedOnce++;
                    assertThat(target.position()).isLessThan(plain.length);
                    assertThat(Compression.ZSTD.decompress(target.flip(), plain.length))
                            .isEqualTo(plain);
                }
            }
            assertThat(packedOnce).as("%s", bytes).isBetween(1, 59);
        }
    }

    @Test
    void aTargetSmallerThanThePlainBytesIsRefused() throws IOException {
        try (ZstdCompressor compressor = new ZstdCompressor(Compression.ZSTD)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(
                            () ->
                                    compressor.compress(
                                            ByteBuffer.allocate(100), ByteBuffer.allocate(99)))
                    .withMessageContaining("99");
        }
    }

    @ParameterizedTest
    @EnumSource(
            names = {"ZSTD", "ZSTD_FASTEST", "ZSTD_BETTER", "ZSTD_BEST"},
            mode = EnumSource.Mode.EXCLUDE)
    void theOtherFamiliesAreNotWritten(Compression compression) {
        assertThatThrownBy(() -> new ZstdCompressor(compression).close())
                .isInstanceOf(UnsupportedFormatException.class)
                .hasMessageContaining("'%s'", compression.compressorName());
    }

    @Test
    void aContentPackedUnderOneHeaderDoesNotUnpackUnderAnother() throws IOException {
        try (ZstdCompressor compressor = new ZstdCompressor(Compression.ZSTD)) {
            ByteBuffer target = ByteBuffer.allocate(1000);
            assertThat(compressor.compress(ByteBuffer.allocate(1000), target)).isTrue();

            assertThatThrownBy(() -> Compression.ZSTD_FASTEST.decompress(target.flip(), 1000))
                    .isInstanceOf(CorruptFormatException.class);
        }
    }

    private static ByteBuffer buffer(boolean direct, int length) {
        return direct ? ByteBuffer.allocateDirect(length) : ByteBuffer.allocate(length);
    }
}
