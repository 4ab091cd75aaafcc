package io.varve.format.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import io.varve.format.CorruptFormatException;
import io.varve.format.SeededBytes;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ZstdDecoderTest {

    private final SeededBytes bytes = new SeededBytes();
    private final ZstdDecoder decoder = new ZstdDecoder();

    @Test
    void framesWithAndWithoutTheirContentsSizeUnpackOneAfterTheOther()
            throws CorruptFormatException {
        byte[] first = bytes.next(70_000);
        byte[] second = new byte[200_000];
        ByteBuffer stream =
                ByteBuffer.allocate(400_000)
                        .put(frame(first, true))
                        .put(hex("5f2a4d1803000000aabbcc")) // a skippable frame of three bytes
                        .put(frame(second, false))
                        .flip();

        byte[] plain = decoded(stream, first.length + second.length);

        assertThat(plain).isEqualTo(ByteBuffer.allocate(270_000).put(first).put(second).array());
        assertThat(stream.hasRemaining()).isFalse();
    }

    @Test
    void aWindowOf512MebibytesUnpacks() throws CorruptFormatException {
        // Descriptor 0: no content size, no checksum. Window 2^(10 + 19). Last block, plain, 3
        // bytes.
        ByteBuffer stream = ByteBuffer.wrap(hex("28b52ffd" + "00" + "98" + "190000" + "616263"));

        assertThat(decoded(stream, 3)).containsExactly('a', 'b', 'c');
    }

    @Test
    void aContentSizeThatIsALieCostsNothing() throws CorruptFormatException {
        // Descriptor c0: content size in eight bytes, here 2^60. Window 2^29.
        byte[] stream = hex("28b52ffd" + "c0" + "98" + "0000000000000010" + "190000" + "616263");

        for (boolean direct : new boolean[] {false, true}) {
            ByteBuffer source =
                    direct ? ByteBuffer.allocateDirect(stream.length) : ByteBuffer.allocate(100);
            source.put(stream).flip();
            ByteBuffer target =
                    direct ? ByteBuffer.allocateDirect(1000) : ByteBuffer.allocate(1000);
            assertThatThrownBy(
                            () -> {
                                if (!decoder.decode(source, target)) {
                                    throw new CorruptFormatException("zstd stream", 0, "too long");
                                }
                            })
                    .isInstanceOf(CorruptFormatException.class);
        }
    }

    @Test
    void aDamagedChecksumIsCorrupt() {
        byte[] frame = frame(bytes.next(1000), true);
        frame[frame.length - 1] ^= 1;

        assertThatThrownBy(() -> decoded(ByteBuffer.wrap(frame), 1000))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("checksum");
    }

    @Test
    void aFrameThatNeedsADictionaryIsCorrupt() {
        // Descriptor 01: a dictionary's id in one byte.
        ByteBuffer stream =
                ByteBuffer.wrap(hex("28b52ffd" + "01" + "50" + "07" + "190000" + "616263"));

        assertThatThrownBy(() -> decoded(stream, 3))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("ictionary");
    }

    @Test
    void aBombIsCutAtItsBound() {
        byte[] bomb = Zstd.compress(new byte[16 << 20], 1);
        ByteBuffer stored =
                ByteBuffer.allocate(4 + bomb.length)
                        .putInt(Compression.ZSTD.headerId())
                        .put(bomb)
                        .flip();

        assertThatThrownBy(() -> Compression.ZSTD.decompress(stored, 1 << 20))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("allowed 1048576 bytes");
    }

    private byte[] decoded(ByteBuffer stream, int length) throws CorruptFormatException {
        ByteBuffer target = ByteBuffer.allocate(length);
        assertThat(decoder.decode(stream, target)).isTrue();
        assertThat(target.hasRemaining()).isFalse();
        return target.array();
    }

    private static byte[] frame(byte[] plain, boolean contentSize) {
        try (ZstdCompressCtx context = new ZstdCompressCtx()) {
            context.setChecksum(true).setContentSize(contentSize);
            return context.compress(plain);
        }
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }
}
