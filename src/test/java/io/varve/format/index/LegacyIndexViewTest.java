package io.varve.format.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.format.CorruptFormatException;
import io.varve.format.Golden;
import io.varve.format.Mutations;
import io.varve.format.index.CompactionLog.IndexBlob;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class LegacyIndexViewTest {

    @Test
    void withoutCompactionsAllIndexBlobsCount() {
        assertThat(LegacyIndexView.of(List.of("n2", "n1-sa", "m1", "p1"), List.of()))
                .isEqualTo(new LegacyIndexView(List.of("n1-sa", "n2")));
    }

    @Test
    void poisonOfAnUpgradeIsSkipped() {
        String poison =
                "n"
                        + "0".repeat(32)
                        + "-repository_unreadable_by_this_kopia_version_upgrade_required";
        assertThat(LegacyIndexView.of(List.of("n1", poison), List.of()).activeIndexBlobs())
                .containsExactly("n1");
    }

    @Test
    void inputsOfACompactionAreReplaced() {
        CompactionLog log = log(List.of("n1", "n2"), List.of("n3"));
        assertThat(LegacyIndexView.of(List.of("n1", "n2", "n3", "n4"), List.of(log)))
                .isEqualTo(new LegacyIndexView(List.of("n3", "n4")));
    }

    @Test
    void compactionCountsOnlyWhenAllOutputsAreThere() {
        CompactionLog log = log(List.of("n1", "n2"), List.of("n3", "n4"));
        assertThat(LegacyIndexView.of(List.of("n1", "n2", "n3"), List.of(log)).activeIndexBlobs())
                .containsExactly("n1", "n2", "n3");
    }

    @Test
    void compactionsFollowOneAnother() {
        List<CompactionLog> logs =
                List.of(
                        log(List.of("n3", "n4"), List.of("n5")),
                        log(List.of("n1", "n2"), List.of("n3")));
        assertThat(
                        LegacyIndexView.of(List.of("n1", "n2", "n3", "n4", "n5"), logs)
                                .activeIndexBlobs())
                .containsExactly("n5");
    }

    @Test
    void logOfKopiaIsReadAndWrittenAsItWas() throws Exception {
        CompactionLog log = CompactionLog.decode(Golden.buffer("index-compaction-log.json"), "m1");
        assertThat(log.inputs())
                .containsExactly(
                        new IndexBlob(
                                "nd0eac6a44af465bbfc37f491da638318-s20a3f0828d110205147",
                                255,
                                Instant.parse("2026-11-22T17:25:19.694729963Z")),
                        new IndexBlob(
                                "n47f14413130ecbc08174d41e625f65fa",
                                1286,
                                Instant.parse("2026-11-22T17:25:18.918729998Z")));
        assertThat(log.outputs())
                .singleElement()
                .extracting(IndexBlob::name)
                .isEqualTo("ncb5b883559419622a367cce857be00b5");
        assertThat(log.encode())
                .asString(StandardCharsets.UTF_8)
                .isEqualTo(Golden.text("index-compaction-log.json"));
    }

    @Test
    void logWithoutABlobsNameIsCorrupt() {
        assertThatThrownBy(
                        () ->
                                CompactionLog.decode(
                                        Golden.utf8("{\"inputMetadata\":[{\"length\":1}]}"), "m1"))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("inputMetadata[0].id");
    }

    @Test
    void damagedLogIsReadOrRefused() throws Exception {
        Mutations.survives(
                Golden.bytes("index-compaction-log.json"),
                bytes -> CompactionLog.decode(ByteBuffer.wrap(bytes), "m1"));
    }

    private static CompactionLog log(List<String> inputs, List<String> outputs) {
        return new CompactionLog(blobs(inputs.stream()), blobs(outputs.stream()));
    }

    private static List<IndexBlob> blobs(Stream<String> names) {
        return names.map(name -> new IndexBlob(name, 1, Instant.EPOCH)).toList();
    }
}
