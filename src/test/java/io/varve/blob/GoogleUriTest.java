package io.varve.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoogleUriTest {

    private static StorageLocation.GoogleBucket parse(String text) {
        return (StorageLocation.GoogleBucket) StorageLocation.parse(text);
    }

    @ParameterizedTest
    @CsvSource({
        "gs://backup,             '',   gs://backup",
        "gs://backup/a/b/,        a/b/, gs://backup/a/b",
        "GS://backup/a%20b,       'a b/', gs://backup/a%20b",
        "gs://backup?prefix=a,    a,    gs://backup?prefix=a",
        "gs://backup?prefix=a/,   a/,   gs://backup/a",
    })
    void aFolderEndsWithASlashAndAPrefixIsTakenAsItIs(String text, String prefix, String again) {
        assertThat(parse(text).name()).isEqualTo("backup");
        assertThat(parse(text).prefix()).isEqualTo(prefix);
        assertThat(parse(text)).hasToString(again);
        assertThat(parse(again)).isEqualTo(parse(text));
    }

    @Test
    void allOptionsAreReadAndWritten() {
        String text =
                "gs://backup/a?endpoint=http://127.0.0.1:4443&storage-class=NEARLINE&append-only=true";
        assertThat(parse(text))
                .isEqualTo(
                        new StorageLocation.GoogleBucket(
                                "backup",
                                "a/",
                                Optional.of(URI.create("http://127.0.0.1:4443")),
                                Optional.of("NEARLINE"),
                                true))
                .hasToString(text);
        assertThat(parse(text).server()).isEqualTo("http://127.0.0.1:4443");
        assertThat(parse("gs://backup").server()).isEqualTo("Google Cloud Storage");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gs://",
                "gs:///secret",
                "gs://b",
                "gs://Backup/secret",
                "gs://key:secret@backup/a",
                "gs://backup/a?prefix=secret",
                "gs://backup?region=secret",
                "gs://backup?endpoint=https://key:secret@host",
                "gs://backup?append-only=secret",
                "gs://backup/a#secret",
            })
    void whatIsNoBucketIsRefusedWithoutRepeatingIt(String text) {
        assertThatThrownBy(() -> StorageLocation.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("repository location gs://…")
                .hasMessageContaining("gs://bucket/folder?storage-class=name")
                .hasMessageNotContaining("secret");
    }

    @Test
    void credentialsInItAreToldWhereTheyBelong() {
        assertThatThrownBy(() -> StorageLocation.parse("gs://key:word@backup"))
                .hasMessageContaining("holds credentials; set GOOGLE_APPLICATION_CREDENTIALS");
    }
}
