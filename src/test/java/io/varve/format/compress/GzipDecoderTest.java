package io.varve.format.compress;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.format.CorruptFormatException;
import io.varve.format.SeededBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class GzipDecoderTest {

    private final SeededBytes bytes = new SeededBytes();
    private final GzipDecoder decoder = new GzipDecoder();

    @Test
    void membersUnpackOneAfterTheOther() throws IOException {
        byte[] first = bytes.next(5000);
        byte[] last = bytes.next(1);
        ByteBuffer stream =
                ByteBuffer.allocate(6000)
                        .put(member(first))
                        .put(member(new byte[0]))
                        .put(member(last))
                        .flip();

        assertThat(decoded(stream, 5001)).isEqualTo(concat(first, last));
    }

    @Test
    void optionalFieldsOfAHeaderAreSkipped() throws IOException {
        byte[] plain = "hello".getBytes(US_ASCII);
        byte[] member = member(plain);
        // Flags 1e: extra field of 2 bytes, name "n", comment "c", checksum of the header.
        byte[] header = HexFormat.of().parseHex("1f8b081e000000000003" + "0200aabb6e0063001234");
        ByteBuffer stream =
                ByteBuffer.wrap(concat(header, Arrays.copyOfRange(member, 10, member.length)));

        assertThat(decoded(stream, plain.length)).isEqualTo(plain);
    }

    @Test
    void aReservedFlagIsCorrupt() throws IOException {
        byte[] member = member(new byte[5]);
        member[3] = 0x20;

        assertThatThrownBy(() -> decoded(ByteBuffer.wrap(member), 5))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("0x1f8b0820");
    }

    @Test
    void aTrailerThatDoesNotMatchIsCorrupt() throws IOException {
        byte[] member = member(new byte[5]);
        for (int fromEnd = 1; fromEnd <= 8; fromEnd++) {
            byte[] damaged = member.clone();
            damaged[damaged.length - fromEnd] ^= 0x10;

            assertThatThrownBy(() -> decoded(ByteBuffer.wrap(damaged), 5))
                    .isInstanceOf(CorruptFormatException.class)
                    .hasMessageContaining("member of 5 bytes");
        }
    }

    @Test
    void aBombIsCutAtItsBound() throws IOException {
        byte[] bomb = member(new byte[16 << 20]);
        ByteBuffer stored =
                ByteBuffer.allocate(4 + bomb.length)
                        .putInt(Compression.PGZIP.headerId())
                        .put(bomb)
                        .flip();

        assertThatThrownBy(() -> Compression.PGZIP.decompress(stored, 1 << 20))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("allowed 1048576 bytes");
    }

    private byte[] decoded(ByteBuffer stream, int length) throws CorruptFormatException {
        ByteBuffer target = ByteBuffer.allocate(length);
        assertThat(decoder.decode(stream, target)).isTrue();
        assertThat(target.hasRemaining()).isFalse();
        return target.array();
    }

    private static byte[] member(byte[] plain) throws IOException {
        ByteArrayOutputStream member = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(member)) {
            gzip.write(plain);
        }
        return member.toByteArray();
    }

    private static byte[] concat(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
    }
}
