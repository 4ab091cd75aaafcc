package io.varve.format.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Rfc3339Test {

    @ParameterizedTest
    @CsvSource({
        "2026-08-21T10:00:00Z, 2026-08-21T10:00:00Z",
        "2026-08-21T10:00:00.5Z, 2026-08-21T10:00:00.500Z",
        "2026-08-21T10:00:00.123456789Z, 2026-08-21T10:00:00.123456789Z",
        "2026-08-21T10:00:00.1234567899Z, 2026-08-21T10:00:00.123456789Z",
        "2026-08-21T03:00:00.25-07:00, 2026-08-21T10:00:00.250Z",
        "2026-08-21T15:30:00+05:30, 2026-08-21T10:00:00Z",
        "1754-08-30T22:43:41.128654848Z, 1754-08-30T22:43:41.128654848Z",
        "0001-01-01T00:00:00Z, 0001-01-01T00:00:00Z"
    })
    void timesOfGoAreRead(String text, String expected) {
        assertThat(Rfc3339.parse(text)).contains(Instant.parse(expected));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-08-21T10:00Z",
                "2026-08-21T10:00:00",
                "2026-08-21 10:00:00Z",
                "2026-08-21t10:00:00z",
                "2026-08-21T10:00:00,5Z",
                "2026-08-21T10:00:00.Z",
                "2026-08-21T24:00:00Z",
                "2026-02-30T10:00:00Z",
                "2026-08-21T10:00:60Z",
                "2026-08-21T10:00:00+24:00",
                "2026-08-21T10:00:00+0100",
                ""
            })
    void whatGoRefusesIsRefused(String text) {
        assertThat(Rfc3339.parse(text)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-08-21T10:00:00Z",
                "2026-08-21T10:00:00.5Z",
                "2026-08-21T10:00:00.00000001Z",
                "1754-08-30T22:43:41.128654848Z",
                "0001-01-01T00:00:00Z"
            })
    void timesAreWrittenAsGoWritesThem(String text) {
        assertThat(Rfc3339.format(Rfc3339.parse(text).orElseThrow())).isEqualTo(text);
    }

    @Test
    void yearsThatGoDoesNotWriteAreOurMistake() {
        assertThatThrownBy(() -> Rfc3339.format(Instant.MAX))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
