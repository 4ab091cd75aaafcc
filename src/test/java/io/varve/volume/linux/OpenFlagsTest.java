package io.varve.volume.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class OpenFlagsTest {

    @Test
    void directIoHasAnotherFlagOnArm() {
        assertThat(OpenFlags.directFlag("amd64")).isEqualTo(0x4000);
        assertThat(OpenFlags.directFlag("aarch64")).isEqualTo(0x10000);
    }

    @Test
    void anArchitectureWithUnknownFlagsIsRefused() {
        assertThatThrownBy(() -> OpenFlags.directFlag("ppc64le"))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("ppc64le");
    }
}
