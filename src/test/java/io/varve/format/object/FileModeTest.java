package io.varve.format.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileModeTest {

    @ParameterizedTest
    @CsvSource({
        "0, 00",
        "0777, 0777",
        "0640, 0640",
        "040000755, 04755",
        "020000755, 02755",
        "04000777, 01777",
        "064000777, 07777"
    })
    void bitsOfGoAndOfUnixAreTranslatedBothWays(String text, String octal) {
        int unix = Integer.parseInt(octal, 8);
        FileMode mode = FileMode.parse(text).orElseThrow();
        assertThat(mode.toUnix()).isEqualTo(unix);
        assertThat(FileMode.ofUnix(unix)).isEqualTo(mode);
        assertThat(Integer.parseInt(mode.toString(), 8)).isEqualTo(mode.bits());
        assertThat(FileMode.parse(mode.toString())).contains(mode);
    }

    @Test
    void textFormIsKopias() {
        assertThat(FileMode.ofUnix(0777)).hasToString("0777");
        assertThat(FileMode.ofUnix(04755)).hasToString("040000755");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "777", "0x1ff", "0888", "-0777", "040000000000", "0 ", "0o777"})
    void whatIsNoOctalNumberOf32BitsIsNoMode(String text) {
        assertThat(FileMode.parse(text)).isEmpty();
    }

    @Test
    void unixModeOfMoreThanTwelveBitsIsOurMistake() {
        assertThatThrownBy(() -> FileMode.ofUnix(0100644))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
