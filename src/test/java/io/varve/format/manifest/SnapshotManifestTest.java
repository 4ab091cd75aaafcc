package io.varve.format.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.format.CorruptFormatException;
import io.varve.format.Golden;
import io.varve.format.Mutations;
import io.varve.format.ObjectId;
import io.varve.format.json.Rfc3339;
import io.varve.format.object.DirectoryEntry;
import io.varve.format.object.DirectorySummary;
import io.varve.format.object.EntryType;
import io.varve.format.object.FileMode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotManifestTest {

    private static final SnapshotSource SOURCE =
            new SnapshotSource(
                    "default",
                    "default",
                    "snapshot-data-upload-download/velero-block/ns1/pvc-small");

    private static final Map<String, String> TAGS =
            Map.of(
                    "bdev-source-size",
                    "38809657",
                    "cbt-change-id",
                    "cid-small-0",
                    "cbt-volume-id",
                    "vol-small",
                    "snapshot-requester",
                    "snapshot-data-upload-download",
                    "snapshot-uploader",
                    "velero-block",
                    "velero.io/async-operation-id",
                    "du-small-0");

    @Test
    void snapshotOfAVolumeIsReadAndWrittenAsVeleroDoes() throws Exception {
        ManifestEntry entry = golden("manifests-volume-snapshot.json.gz").getFirst();
        SnapshotManifest expected = snapshot(SOURCE, Optional.of(root()), TAGS);
        SnapshotManifest read = SnapshotManifest.decode(entry.data(), entry.id());
        assertThat(read).isEqualTo(expected);
        assertThat(read.labels()).isEqualTo(entry.labels());
        assertThat(expected.encode()).isEqualTo(entry.data());
    }

    @ParameterizedTest
    @ValueSource(strings = {"manifests-compacted.json.gz", "manifests-incomplete.json.gz"})
    void snapshotsOfKopiaAreReadAndWrittenAsTheyWere(String golden) throws Exception {
        int snapshots = 0;
        for (ManifestEntry entry : golden(golden)) {
            if (!entry.type().equals(SnapshotManifest.TYPE)) {
                continue;
            }
            SnapshotManifest snapshot = SnapshotManifest.decode(entry.data(), entry.id());
            assertThat(snapshot.encode()).isEqualTo(escapedAsGoDoes(entry.data()));
            assertThat(snapshot.labels()).isEqualTo(entry.labels());
            snapshots++;
        }
        assertThat(snapshots).isPositive();
    }

    private static String escapedAsGoDoes(String json) {
        return json.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026");
    }

    @Test
    void incompleteSnapshotSaysSo() throws Exception {
        ManifestEntry limited = golden("manifests-incomplete.json.gz").getFirst();
        assertThat(SnapshotManifest.decode(limited.data(), "1").incomplete())
                .isEqualTo("limit reached");
        SnapshotManifest ours =
                new SnapshotManifest(
                        SOURCE,
                        "",
                        Instant.EPOCH,
                        Instant.EPOCH,
                        SnapshotStats.ofVolume(1),
                        SnapshotManifest.CHECKPOINT,
                        Optional.of(root()),
                        Map.of(),
                        List.of());
        assertThat(ours.encode())
                .contains("\"errorCount\":0},\"incomplete\":\"checkpoint\",\"rootEntry\":{")
                .doesNotContain("tags", "pins");
    }

    @Test
    void timesAlwaysHaveSeconds() {
        SnapshotManifest snapshot = snapshot(SOURCE, Optional.of(root()), Map.of());
        SnapshotManifest onTheMinute =
                new SnapshotManifest(
                        SOURCE,
                        "",
                        Instant.parse("2026-01-01T00:00:00Z"),
                        Instant.parse("2026-01-01T00:01:00Z"),
                        snapshot.stats(),
                        "",
                        snapshot.rootEntry(),
                        Map.of(),
                        List.of());
        assertThat(onTheMinute.encode())
                .contains("\"startTime\":\"2026-01-01T00:00:00Z\"")
                .contains("\"endTime\":\"2026-01-01T00:01:00Z\"");
    }

    @Test
    void unknownKeysAndOtherCasesAreTolerated() throws Exception {
        SnapshotManifest snapshot =
                SnapshotManifest.decode(
                        "{\"Source\":{\"HOST\":\"h\",\"username\":\"u\",\"path\":\"p\"},"
                                + "\"new\":[{}],\"STARTTIME\":\"2026-08-21T03:00:00-07:00\"}",
                        "1");
        assertThat(snapshot.source()).isEqualTo(new SnapshotSource("h", "u", "p"));
        assertThat(snapshot.startTime()).isEqualTo(Instant.parse("2026-08-21T10:00:00Z"));
        assertThat(snapshot.rootEntry()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"stats\":{\"fileCount\":2147483648}",
                "\"stats\":{\"totalSize\":1.0E9}",
                "\"startTime\":\"2026-08-21T10:00Z\"",
                "\"rootEntry\":{\"obj\":7}",
                "\"tags\":{\"a\":1}",
                "\"pins\":[null]",
                "\"description\":1"
            })
    void whatKopiaCannotParseIsCorrupt(String field) {
        assertThatThrownBy(
                        () ->
                                SnapshotManifest.decode(
                                        "{\"source\":{\"host\":\"h\"}," + field + "}", "87282b"))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("snapshot manifest 87282b");
    }

    @Test
    void snapshotThatWouldBeLostIsNeverWritten() throws Exception {
        DirectoryEntry broken =
                new DirectoryEntry(
                        "",
                        EntryType.DIRECTORY,
                        FileMode.ofUnix(0777),
                        0,
                        Instant.EPOCH,
                        0,
                        0,
                        Optional.empty(),
                        Optional.empty());
        SnapshotSource nowhere = new SnapshotSource("h", "u", "");
        for (SnapshotManifest snapshot :
                List.of(
                        snapshot(SOURCE, Optional.empty(), Map.of()),
                        snapshot(SOURCE, Optional.of(broken), Map.of()),
                        snapshot(nowhere, Optional.of(root()), Map.of()),
                        snapshot(SOURCE, Optional.of(root()), Map.of("hostname", "x")))) {
            assertThatThrownBy(snapshot::encode)
                    .as("%s", snapshot)
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void damagedManifestIsReadOrRefused() throws Exception {
        String json = golden("manifests-volume-snapshot.json.gz").getFirst().data();
        Mutations.survives(
                json.getBytes(StandardCharsets.UTF_8),
                bytes -> SnapshotManifest.decode(new String(bytes, StandardCharsets.UTF_8), "1"));
    }

    private static List<ManifestEntry> golden(String name) throws Exception {
        return ManifestContainer.decode(Golden.buffer(name), name);
    }

    private static SnapshotManifest snapshot(
            SnapshotSource source, Optional<DirectoryEntry> root, Map<String, String> tags) {
        return new SnapshotManifest(
                source,
                "Block Uploader",
                Instant.parse("2026-11-22T17:17:16.683351147Z"),
                Instant.parse("2026-11-22T17:17:16.797706806Z"),
                SnapshotStats.ofVolume(39_845_888),
                "",
                root,
                tags,
                List.of("velero-pin"));
    }

    private static DirectoryEntry root() {
        try {
            return DirectoryEntry.root(
                    FileMode.ofUnix(0777),
                    Rfc3339.UNSET,
                    ObjectId.parse("ke00032f3b4352dc65bd7bf327f04d9ea"),
                    DirectorySummary.ofVolume(39_845_888));
        } catch (CorruptFormatException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
