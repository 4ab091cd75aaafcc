package io.varve.format.compress;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.format.CorruptFormatException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The frames were written by lz4 1.9.4. */
class Lz4DecoderTest {

    private static final byte[] TEXT =
            ("kopia ".repeat(8) + "velero ".repeat(5) + "0123456789").getBytes(US_ASCII);

    private static final String BLOCK =
            "6f6b6f706961200600176f76656c65726f07000aa030313233343536373839";

    private final Lz4Decoder decoder = new Lz4Decoder();

    /** With a content checksum alone, with one for each block, and with the content's size. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "04224d186440a7" + "1f000000" + BLOCK + "000000005dcbe32e",
                "04224d187440bd" + "1f000000" + BLOCK + "da7933c4" + "000000005dcbe32e",
                "04224d186c405d00000000000000c8" + "1f000000" + BLOCK + "000000005dcbe32e"
            })
    void aFrameUnpacksWithAnyOfItsChecksums(String frame) throws CorruptFormatException {
        byte[] stream = HexFormat.of().parseHex(frame);
        ByteBuffer target = ByteBuffer.allocate(TEXT.length);

        assertThat(decoder.decode(ByteBuffer.wrap(stream), target)).isTrue();
        assertThat(target.array()).isEqualTo(TEXT);

        stream[stream.length - 1] ^= 1;
        assertThatThrownBy(() -> decoder.decode(ByteBuffer.wrap(stream), target.clear()))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("checksum");
    }

    @Test
    void aBombIsCutAtItsBound() throws IOException {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (FramedLZ4CompressorOutputStream lz4 = new FramedLZ4CompressorOutputStream(bomb)) {
            lz4.write(new byte[32 << 20]);
        }
        ByteBuffer stored =
                ByteBuffer.allocate(4 + bomb.size())
                        .putInt(Compression.LZ4.headerId())
                        .put(bomb.toByteArray())
                        .flip();

        assertThatThrownBy(() -> Compression.LZ4.decompress(stored, 1 << 20))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("allowed 1048576 bytes");
    }
}
