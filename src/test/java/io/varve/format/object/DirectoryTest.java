package io.varve.format.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.format.ContentId;
import io.varve.format.CorruptFormatException;
import io.varve.format.Golden;
import io.varve.format.Mutations;
import io.varve.format.ObjectId;
import io.varve.format.json.Rfc3339;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DirectoryTest {

    private static final ObjectId ID = ObjectId.of(ContentId.of('k', new byte[16]));

    @Test
    void rootOfAVolumeHasVelerosBytes() throws Exception {
        Directory root =
                new Directory(
                        List.of(
                                DirectoryEntry.file(
                                        "snapshot-data-upload-download-velero-block-ns1-pvc-small",
                                        FileMode.ofUnix(0777),
                                        39_845_888,
                                        Rfc3339.UNSET,
                                        ObjectId.parse("Ix016c0b0a71d1db2d8398a4ca4bd5ece8"))),
                        Optional.empty());
        assertThat(root.encode())
                .asString(StandardCharsets.UTF_8)
                .isEqualTo(Golden.text("directory-of-volume.json"));
        assertThat(Directory.decode(Golden.buffer("directory-of-volume.json"), ID)).isEqualTo(root);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "directory-of-all-types.json",
                "directory-empty.json",
                "directory-escaped-name.json"
            })
    void directoriesOfKopiaAreReadAndWrittenAsTheyWere(String golden) throws Exception {
        Directory directory = Directory.decode(Golden.buffer(golden), ID);
        assertThat(directory.encode())
                .asString(StandardCharsets.UTF_8)
                .isEqualTo(Golden.text(golden));
        directory.checkNames(ID);
    }

    @Test
    void fieldsOfKopiasEntriesAreUnderstood() throws Exception {
        Directory directory = Directory.decode(Golden.buffer("directory-of-all-types.json"), ID);
        assertThat(directory.entries()).hasSize(14);
        DirectoryEntry first = directory.entries().getFirst();
        assertThat(first.name()).isEqualTo("big");
        assertThat(first.type()).isEqualTo(EntryType.DIRECTORY);
        assertThat(first.modified()).isEqualTo(Instant.parse("2026-11-22T18:00:12.114635995Z"));
        assertThat(first.summary().orElseThrow().size()).isEqualTo(337_500);
        assertThat(directory.entries())
                .filteredOn(entry -> entry.name().equals("suid"))
                .singleElement()
                .satisfies(entry -> assertThat(entry.mode().toUnix()).isEqualTo(04755));
        assertThat(directory.entries())
                .filteredOn(entry -> entry.type() == EntryType.SYMLINK)
                .hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",\"entries\":null", ",\"entries\":[]"})
    void emptyDirectoryHasManyForms(String entries) throws Exception {
        assertThat(decode("{\"stream\":\"kopia:directory\"" + entries + "}"))
                .isEqualTo(new Directory(List.of(), Optional.empty()));
    }

    @Test
    void allFieldsAreWrittenAndReadBack() throws Exception {
        DirectorySummary summary =
                new DirectorySummary(
                        1,
                        2,
                        3,
                        4,
                        Instant.ofEpochSecond(5),
                        "checkpoint",
                        6,
                        7,
                        List.of(new DirectorySummary.EntryError("a/b", "gone")));
        DirectoryEntry entry =
                new DirectoryEntry(
                        "d",
                        EntryType.DIRECTORY,
                        FileMode.ofUnix(0),
                        0,
                        Instant.EPOCH,
                        4_294_967_295L,
                        12,
                        Optional.empty(),
                        Optional.of(summary));
        Directory directory = new Directory(List.of(entry), Optional.of(summary));
        String json = new String(directory.encode(), StandardCharsets.UTF_8);
        assertThat(json)
                .isEqualTo(
                        ("{\"stream\":\"kopia:directory\",\"entries\":[{\"name\":\"d\","
                                        + "\"type\":\"d\",\"uid\":4294967295,\"gid\":12,"
                                        + "\"obj\":\"\",\"summ\":%1$s}],\"summary\":%1$s}\n")
                                .formatted(
                                        "{\"size\":1,\"files\":2,\"symlinks\":3,\"dirs\":4,"
                                                + "\"maxTime\":\"1970-01-01T00:00:05Z\","
                                                + "\"incomplete\":\"checkpoint\","
                                                + "\"numFailed\":6,\"numIgnoredErrors\":7,"
                                                + "\"errors\":[{\"path\":\"a/b\","
                                                + "\"error\":\"gone\"}]}"));
        assertThat(decode(json)).isEqualTo(directory);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"stream\":\"kopia:indirect\",\"entries\":[]}"})
    void otherStreamsAreCorrupt(String json) {
        assertThatThrownBy(() -> decode(json))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("stream");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"mode\":\"777\"",
                "\"mode\":511",
                "\"size\":-1",
                "\"size\":1.0",
                "\"uid\":4294967296",
                "\"mtime\":\"2026-01-01T00:00Z\"",
                "\"obj\":\"q\"",
                "\"summ\":[]"
            })
    void wrongFieldsAreCorrupt(String field) {
        assertThatThrownBy(
                        () ->
                                decode(
                                        "{\"stream\":\"kopia:directory\",\"entries\":[{"
                                                + field
                                                + "}]}"))
                .isInstanceOf(CorruptFormatException.class);
    }

    @Test
    void entriesOfUnknownTypeAreReadAndNeverWritten() throws Exception {
        Directory directory =
                decode("{\"stream\":\"kopia:directory\",\"entries\":[{\"type\":\"p\"}]}");
        assertThat(directory.entries().getFirst().type()).isEqualTo(EntryType.UNKNOWN);
        assertThatThrownBy(directory::encode).isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "a/b", "/etc", "a\0b"})
    void namesThatLeadElsewhereAreRefused(String name) {
        assertThatThrownBy(() -> named(name).checkNames(ID))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("is no file name");
    }

    @Test
    void namesThatComeTwiceAreRefused() {
        assertThatThrownBy(() -> named("a", "b", "a").checkNames(ID))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("'a' comes twice");
        assertThatCode(() -> named("a", "...", ".a", "a b").checkNames(ID))
                .doesNotThrowAnyException();
    }

    @Test
    void damagedDirectoryIsReadOrRefused() throws Exception {
        Mutations.survives(
                Golden.bytes("directory-of-volume.json"),
                bytes -> Directory.decode(ByteBuffer.wrap(bytes), ID).checkNames(ID));
        Mutations.survives(
                Golden.bytes("directory-of-all-types.json"),
                bytes -> Directory.decode(ByteBuffer.wrap(bytes), ID));
    }

    private static Directory named(String... names) {
        return new Directory(
                List.of(names).stream()
                        .map(
                                name ->
                                        DirectoryEntry.file(
                                                name, FileMode.ofUnix(0), 0, Instant.EPOCH, ID))
                        .toList(),
                Optional.empty());
    }

    private static Directory decode(String json) throws CorruptFormatException {
        return Directory.decode(Golden.utf8(json), ID);
    }
}
