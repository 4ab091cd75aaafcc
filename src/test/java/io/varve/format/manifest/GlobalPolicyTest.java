package io.varve.format.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.format.CorruptFormatException;
import io.varve.format.Golden;
import io.varve.format.Mutations;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GlobalPolicyTest {

    @Test
    void policyIsWrittenAsKopiaDoes() throws Exception {
        ManifestEntry golden =
                ManifestContainer.decode(Golden.buffer("manifests-compacted.json.gz"), "m1")
                        .stream()
                        .filter(entry -> entry.hasLabels(GlobalPolicy.LABELS))
                        .findFirst()
                        .orElseThrow();
        // That repository was told to keep 100 snapshots.
        assertThat(
                        new GlobalPolicy("none")
                                .encode()
                                .replace(":10,\"keepHourly", ":100,\"keepHourly"))
                .isEqualTo(golden.data());
        assertThat(GlobalPolicy.decode(golden.data(), golden.id()))
                .isEqualTo(new GlobalPolicy(GlobalPolicy.NO_COMPRESSION));
    }

    @Test
    void compressorIsWrittenAndReadBack() throws Exception {
        GlobalPolicy policy = new GlobalPolicy("zstd-fastest");
        assertThat(GlobalPolicy.decode(policy.encode(), "1")).isEqualTo(policy);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"compression\":{}}", "{\"compression\":null}"})
    void policyWithoutACompressorDoesNotCompress(String json) throws Exception {
        assertThat(GlobalPolicy.decode(json, "1").compressor()).isEqualTo("none");
    }

    @Test
    void nameThatIsNoneIsRefused() {
        assertThatThrownBy(() -> new GlobalPolicy("a\"b"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(
                        () ->
                                GlobalPolicy.decode(
                                        "{\"compression\":{\"compressorName\":\"A B\"}}", "1"))
                .isInstanceOf(CorruptFormatException.class);
    }

    @Test
    void damagedPolicyIsReadOrRefused() throws Exception {
        Mutations.survives(
                new GlobalPolicy("zstd").encode().getBytes(StandardCharsets.UTF_8),
                bytes -> GlobalPolicy.decode(new String(bytes, StandardCharsets.UTF_8), "1"));
    }
}
