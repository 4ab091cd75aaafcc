package io.varve.format.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.format.CorruptFormatException;
import io.varve.format.Golden;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UvarintTest {

    @ParameterizedTest
    @CsvSource({
        "0, 00",
        "1, 01",
        "127, 7f",
        "128, 8001",
        "300, ac02",
        "4096, 8020",
        "9223372036854775807, ffffffffffffffff7f",
        "-1, ffffffffffffffffff01"
    })
    void valuesHaveTheBytesOfGo(long value, String hex) throws Exception {
        ByteBuffer out = ByteBuffer.allocate(Uvarint.MAX_BYTES);
        Uvarint.put(out, value);
        assertThat(HexFormat.of().formatHex(out.array(), 0, out.position())).isEqualTo(hex);
        assertThat(Uvarint.get(out.flip(), "test")).isEqualTo(value);
        assertThat(out.hasRemaining()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "80", "ffffffffffffffffff02", "ffffffffffffffffffff01"})
    void anythingElseIsCorrupt(String hex) {
        ByteBuffer in = ByteBuffer.wrap(Golden.hex(hex));
        assertThatThrownBy(() -> Uvarint.get(in, "test"))
                .isInstanceOf(CorruptFormatException.class);
    }

    @Test
    void bytesBehindAreLeft() throws Exception {
        ByteBuffer in = ByteBuffer.wrap(Golden.hex("ac0207"));
        assertThat(Uvarint.get(in, "test")).isEqualTo(300);
        assertThat(in.position()).isEqualTo(2);
    }
}
