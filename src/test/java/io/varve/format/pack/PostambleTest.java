package io.varve.format.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.format.Bytes;
import io.varve.format.CorruptFormatException;
import io.varve.format.Golden;
import io.varve.format.Mutations;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class PostambleTest {

    private static final byte[] VECTOR =
            Golden.hex("01100951cc974d65734e6ba033ea452f846480209502851f552e1a");

    private static final Postamble POSTAMBLE =
            new Postamble(Bytes.copyOf(Golden.hex("0951cc974d65734e6ba033ea452f8464")), 4096, 277);

    @Test
    void bytesAreKopias() throws Exception {
        assertThat(POSTAMBLE.encode()).isEqualTo(VECTOR);
        assertThat(Postamble.decode(ByteBuffer.wrap(VECTOR), "p1")).isEqualTo(POSTAMBLE);
    }

    @Test
    void itIsFoundFromTheLastByteOfATail() throws Exception {
        ByteBuffer tail = ByteBuffer.allocateDirect(1000 + VECTOR.length);
        tail.put(1000, VECTOR);
        assertThat(Postamble.decode(tail, "p1")).isEqualTo(POSTAMBLE);
        assertThat(tail.position()).isZero();
    }

    @Test
    void longHashesAndFarIndexesFit() throws Exception {
        Postamble great = new Postamble(Bytes.copyOf(new byte[64]), Long.MAX_VALUE, Long.MAX_VALUE);
        assertThat(great.encode()).hasSizeLessThanOrEqualTo(Postamble.MAX_BYTES);
        assertThat(Postamble.decode(ByteBuffer.wrap(great.encode()), "p1")).isEqualTo(great);
    }

    @Test
    void wrongChecksumIsCorrupt() {
        byte[] damaged = VECTOR.clone();
        damaged[5] ^= 1;
        assertThatThrownBy(() -> Postamble.decode(ByteBuffer.wrap(damaged), "p1"))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("p1")
                .hasMessageContaining("checksum");
    }

    @Test
    void tailThatIsTooShortIsCorrupt() {
        for (int length : new int[] {0, 1, 20}) {
            ByteBuffer tail = ByteBuffer.wrap(VECTOR, VECTOR.length - length, length);
            assertThatThrownBy(() -> Postamble.decode(tail, "p1"))
                    .isInstanceOf(CorruptFormatException.class);
        }
    }

    @Test
    void otherFlagsAreCorrupt() {
        assertThatThrownBy(() -> Postamble.decode(sealed("0200" + "0000"), "p1"))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("flags are 2");
    }

    @Test
    void damageIsReadOrRefusedEvenWhereTheChecksumMatches() throws Exception {
        Mutations.survives(VECTOR, bytes -> Postamble.decode(ByteBuffer.wrap(bytes), "p1"));
        Mutations.survives(
                Golden.hex("01100951cc974d65734e6ba033ea452f846480209502"),
                bytes -> Postamble.decode(sealed(bytes), "p1"));
    }

    private static ByteBuffer sealed(String hex) {
        return sealed(Golden.hex(hex));
    }

    private static ByteBuffer sealed(byte[] fields) {
        CRC32 crc = new CRC32();
        crc.update(fields);
        return ByteBuffer.allocate(fields.length + 5)
                .put(fields)
                .putInt((int) crc.getValue())
                .put((byte) (fields.length + 4))
                .flip();
    }
}
