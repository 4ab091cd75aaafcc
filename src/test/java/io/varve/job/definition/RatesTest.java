package io.varve.job.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.blob.limit.RateSchedule;
import io.varve.blob.limit.RateSchedule.Window;
import java.time.LocalTime;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RatesTest {

    @Test
    void aRateHoldsAllDayOrBesideWindows() {
        Window day = new Window(LocalTime.of(8, 0), LocalTime.of(18, 30), 5 << 20);

        assertThat(Rates.parse("20Mi"))
                .isEqualTo(new RateSchedule(List.of(), OptionalLong.of(20 << 20)));
        assertThat(Rates.parse("8:00-18:30=5Mi"))
                .isEqualTo(new RateSchedule(List.of(day), OptionalLong.empty()));
        assertThat(Rates.parse("08:00-18:30=5Mi, 1Mi"))
                .isEqualTo(new RateSchedule(List.of(day), OptionalLong.of(1 << 20)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1000", "20Mi,8:00-9:00=255Ki"})
    void whatWouldLookLikeARunThatHangsIsRefused(String text) {
        assertThatThrownBy(() -> Rates.parse(text)).hasMessageContaining("below 256Ki");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "fast", "-1", "1Mi,2Mi", "25:00-26:00=1Mi", "8-18=1Mi", "8:00-9:00="})
    void whatIsNoRateIsRefused(String text) {
        assertThatThrownBy(() -> Rates.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'%s' is no rate".formatted(text));
    }
}
