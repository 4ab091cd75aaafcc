package io.varve.format.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.format.CorruptFormatException;
import io.varve.format.Golden;
import io.varve.format.Mutations;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestContainerTest {

    private static final String ID = "d70a97e9f24921413eb0380ae1f4122f";
    private static final Instant NOW = Instant.parse("2026-11-22T17:17:15.87611325Z");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "manifests-volume-snapshot.json.gz",
                "manifests-maintenance.json.gz",
                "manifests-compacted.json.gz",
                "manifests-deletion.json.gz"
            })
    void containersOfKopiaAreReadAndWrittenAsTheyWere(String golden) throws Exception {
        List<ManifestEntry> entries = ManifestContainer.decode(Golden.buffer(golden), golden);
        assertThat(entries).isNotEmpty();
        assertThat(Golden.gunzip(ManifestContainer.encode(entries)))
                .isEqualTo(unescapedData(Golden.gunzip(Golden.bytes(golden))));
    }

    /** Data is kept as a value, not as bytes: Go's escapes in it are equal, and not needed. */
    private static String unescapedData(String json) {
        return json.replace("\\u003c", "<").replace("\\u003e", ">").replace("\\u0026", "&");
    }

    @Test
    void textIsThatOfKopia() throws Exception {
        ManifestEntry entry =
                ManifestEntry.of(ID, Map.of("type", "t", "a", "<1>"), NOW, "{\"x\":1}");
        assertThat(
                        Golden.gunzip(
                                ManifestContainer.encode(
                                        List.of(entry, entry.deletion(Instant.EPOCH)))))
                .isEqualTo(
                        "{\"entries\":[{\"id\":\"d70a97e9f24921413eb0380ae1f4122f\","
                                + "\"labels\":{\"a\":\"\\u003c1\\u003e\",\"type\":\"t\"},"
                                + "\"modified\":\"2026-11-22T17:17:15.87611325Z\","
                                + "\"data\":{\"x\":1}},"
                                + "{\"id\":\"d70a97e9f24921413eb0380ae1f4122f\",\"labels\":null,"
                                + "\"modified\":\"2026-11-22T17:17:15.876113251Z\","
                                + "\"deleted\":true,\"data\":null}]}\n");
    }

    @Test
    void containerWithoutEntriesHoldsAnArray() throws Exception {
        byte[] empty = ManifestContainer.encode(List.of());
        assertThat(Golden.gunzip(empty)).isEqualTo("{\"entries\":[]}\n");
        assertThat(ManifestContainer.decode(ByteBuffer.wrap(empty), "m1")).isEmpty();
    }

    @Test
    void entriesAreReadBack() throws Exception {
        List<ManifestEntry> entries =
                List.of(
                        ManifestEntry.of(
                                ID, Map.of("type", "t", "é\"", "\u2028"), NOW, "[1,\"é\"]"),
                        ManifestEntry.of(ID, Map.of("type", "u"), NOW, "null"));
        byte[] container = ManifestContainer.encode(entries);
        assertThat(ManifestContainer.decode(ByteBuffer.wrap(container), "m1")).isEqualTo(entries);
    }

    @Test
    void stringsBesideTheEntriesAreIgnored() throws Exception {
        assertThat(decode("{\"a\":\"b\",\"entries\":[],\"c\":\"\"} \n")).isEmpty();
        assertThat(decode("{}")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "null",
                "{\"entries\":null}",
                "{\"entries\":{}}",
                "{\"entries\":[],\"entries\":[]}",
                "{\"a\":1,\"entries\":[]}",
                "{\"a\":{},\"entries\":[]}",
                "{\"entries\":[],\"a\":null}",
                "{\"Entries\":[]}",
                "{\"entries\":[null]}",
                "{\"entries\":[{}]}",
                "{\"entries\":[{\"id\":\"1\",\"modified\":\"2026-01-01T00:00Z\"}]}",
                "{\"entries\":[{\"id\":\"1\",\"labels\":{\"type\":1}}]}",
                "{\"entries\":[{\"id\":\"1\",\"labels\":[]}]}",
                "{\"entries\":[{\"id\":\"1\",\"deleted\":1}]}",
                "{\"entries\":[]",
                "{\"entries\":[]}x",
                "{\"entries\":[]}{}"
            })
    void whatKopiaRefusesIsCorrupt(String json) {
        assertThatThrownBy(() -> decode(json))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("manifest content m1");
    }

    @Test
    void bytesThatAreNoGzipAreCorrupt() {
        assertThatThrownBy(() -> ManifestContainer.decode(Golden.utf8("{\"entries\":[]}"), "m1"))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("gzip");
    }

    @Test
    void damagedContainerIsReadOrRefused() throws Exception {
        Mutations.survives(
                Golden.bytes("manifests-deletion.json.gz"),
                bytes -> ManifestContainer.decode(ByteBuffer.wrap(bytes), "m1"));
        Mutations.survives(
                Golden.gunzip(Golden.bytes("manifests-deletion.json.gz"))
                        .getBytes(StandardCharsets.UTF_8),
                bytes -> ManifestContainer.decode(gzip(bytes), "m1"));
    }

    private static List<ManifestEntry> decode(String json) throws IOException {
        return ManifestContainer.decode(gzip(json.getBytes(StandardCharsets.UTF_8)), "m1");
    }

    private static ByteBuffer gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return ByteBuffer.wrap(out.toByteArray());
    }
}
