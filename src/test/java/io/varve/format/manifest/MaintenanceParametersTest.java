package io.varve.format.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.format.Golden;
import io.varve.format.Mutations;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class MaintenanceParametersTest {

    @Test
    void defaultsAreWrittenAndReadAsVeleroDoes() throws Exception {
        ManifestEntry entry = golden();
        MaintenanceParameters parameters = MaintenanceParameters.ownedBy("default@default");
        assertThat(entry.hasLabels(MaintenanceParameters.LABELS)).isTrue();
        assertThat(parameters.encode()).isEqualTo(entry.data());
        assertThat(MaintenanceParameters.decode(entry.data(), "1")).isEqualTo(parameters);
    }

    @Test
    void absentFieldsAreZero() throws Exception {
        MaintenanceParameters parameters = MaintenanceParameters.decode("{}", "1");
        assertThat(parameters.owner()).isEmpty();
        assertThat(parameters.full().enabled()).isFalse();
        assertThat(parameters.full().interval()).isEqualTo(Duration.ZERO);
    }

    @Test
    void damagedParametersAreReadOrRefused() throws Exception {
        Mutations.survives(
                golden().data().getBytes(StandardCharsets.UTF_8),
                bytes ->
                        MaintenanceParameters.decode(
                                new String(bytes, StandardCharsets.UTF_8), "1"));
    }

    private static ManifestEntry golden() throws Exception {
        return ManifestContainer.decode(Golden.buffer("manifests-maintenance.json.gz"), "m1")
                .getFirst();
    }
}
