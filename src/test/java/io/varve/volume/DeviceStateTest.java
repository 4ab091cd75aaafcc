package io.varve.volume;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DeviceStateTest {

    @Test
    void countsWritesAndDiscardsButNoReads() {
        assertThat(DeviceState.counters("  9 1 72 3 45 2 360 7 0 8 9 11 1 88 4 2 1\n"))
                .isEqualTo("45+360+11+88");
    }

    @Test
    void oldKernelsCountNoDiscards() {
        assertThat(DeviceState.counters("9 1 72 3 45 2 360 7 0 8 9\n")).isEqualTo("45+360");
    }
}
