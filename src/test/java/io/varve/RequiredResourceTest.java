package io.varve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RequiredResourceTest {

    @Test
    void whatIsThereIsTested() {
        assertThat(RequiredResource.decide("x needs 'y'", Optional.empty(), true).isDisabled())
                .isFalse();
        assertThat(RequiredResource.decide("x needs 'y'", Optional.empty(), false).isDisabled())
                .isFalse();
    }

    @Test
    void whatIsMissingIsSkippedWithTheReason() {
        var result = RequiredResource.decide("x needs 'y'", Optional.of("no y"), false);
        assertThat(result.isDisabled()).isTrue();
        assertThat(result.getReason()).contains("x needs 'y': no y");
    }

    @Test
    void whatIsMissingAlthoughTheBuildPromisesItFails() {
        assertThatThrownBy(() -> RequiredResource.decide("x needs 'y'", Optional.of("no y"), true))
                .hasMessage("x needs 'y': no y (named in varve.tests.required)");
        assertThat(RequiredResource.names("loop, fixtures")).containsExactly("loop", "fixtures");
    }

    @Test
    @NeedsFixtures
    void aFixtureIsCopiedWithAllThatIsInIt(@TempDir Path folder) throws IOException {
        Path copy = Fixtures.copyOf("kopia/v3-default", folder);
        assertThat(copy).isEqualTo(folder.resolve("v3-default"));
        assertThat(copy.resolve("repo"))
                .isDirectoryRecursivelyContaining("glob:**/kopia.repository*");
    }
}
