package io.varve.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BucketUriTest {

    private static StorageLocation.Bucket parse(String text) {
        return (StorageLocation.Bucket) StorageLocation.parse(text);
    }

    @ParameterizedTest
    @CsvSource({
        "s3://backup,                  '',            s3://backup",
        "s3://backup/,                 '',            s3://backup",
        "s3://backup/a,                a/,            s3://backup/a",
        "s3://backup/a/b/,             a/b/,          s3://backup/a/b",
        "S3://backup/a%20b,            'a b/',        s3://backup/a%20b",
        "s3://backup?prefix=a,         a,             s3://backup?prefix=a",
        "s3://backup?prefix=a/,        a/,            s3://backup/a",
        "s3://backup?prefix=/a/,       /a/,           s3://backup?prefix=/a/",
        "s3://backup?prefix=a%26b,     a&b,           s3://backup?prefix=a%26b",
        "s3://backup?prefix=a+b,       a+b,           s3://backup?prefix=a%2Bb",
        "s3://backup/a+b%23c,          a+b#c/,        s3://backup/a%2Bb%23c",
        "s3://backup/u%CC%88,          u\u0308/,      s3://backup/u%CC%88",
    })
    void aFolderEndsWithASlashAndAPrefixIsTakenAsItIs(String text, String prefix, String again) {
        assertThat(parse(text).bucket()).isEqualTo("backup");
        assertThat(parse(text).prefix()).isEqualTo(prefix);
        assertThat(parse(text)).hasToString(again);
        assertThat(parse(again)).isEqualTo(parse(text));
    }

    @Test
    void allOptionsAreReadAndWritten() {
        String text =
                "s3://backup/a?endpoint=https://minio:9000&region=eu-west-1&path-style=false&storage-class=STANDARD_IA&sse=aws:kms&kms-key=key-1&ca=/etc/ca.pem&timeout=90s&append-only=true";
        StorageLocation.Bucket bucket = parse(text);
        assertThat(bucket)
                .isEqualTo(
                        new StorageLocation.Bucket(
                                "backup",
                                "a/",
                                Optional.of(URI.create("https://minio:9000")),
                                Optional.of("eu-west-1"),
                                false,
                                Optional.of("STANDARD_IA"),
                                Optional.of("aws:kms"),
                                Optional.of("key-1"),
                                Optional.of(Path.of("/etc/ca.pem")),
                                true,
                                Optional.of(Duration.ofSeconds(90))))
                .hasToString(text);
    }

    /** Few servers of one's own have a name for each bucket. */
    @Test
    void aBucketStandsInThePathWhereThereIsAnEndpoint() {
        assertThat(parse("s3://backup").pathStyle()).isFalse();
        assertThat(parse("s3://backup?path-style=true").pathStyle()).isTrue();
        assertThat(parse("s3://backup?endpoint=http://minio").pathStyle()).isTrue();
        assertThat(parse("s3://backup?endpoint=http://minio&path-style=false").pathStyle())
                .isFalse();
    }

    @Test
    void anEndpointWithoutASchemeIsAskedOverTls() {
        assertThat(parse("s3://backup?endpoint=minio:9000").endpoint())
                .contains(URI.create("https://minio:9000"));
    }

    @Test
    void aTimeIsInSecondsOrMinutes() {
        assertThat(parse("s3://backup?timeout=1s").timeout()).contains(Duration.ofSeconds(1));
        assertThat(parse("s3://backup?timeout=60m")).hasToString("s3://backup?timeout=3600s");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "s3://",
                "s3:///secret",
                "s3://b",
                "s3://key:secret@backup/a",
                "s3://backup/a?prefix=secret",
                "s3://backup?secret-key=secret",
                "s3://backup?endpoint=ftp://secret",
                "s3://backup?endpoint=https://key:secret@minio",
                "s3://backup?endpoint=",
                "s3://backup?region=a&region=secret",
                "s3://backup?path-style=secret",
                "s3://back up/secret",
                "s3://backup/a#secret",
                "s3://backup--x-s3/secret",
                "s3://backup?endpoint=https://minio?token=secret",
                "s3://backup?endpoint=https://minio/secret",
                "s3://backup?endpoint=https://minio%23secret",
                "s3://backup?timeout=secret",
                "s3://backup?timeout=60",
                "s3://backup?timeout=0s",
                "s3://backup?timeout=61m",
                "s3://backup?timeout=1h",
            })
    void whatIsNoBucketIsRefusedWithoutRepeatingIt(String text) {
        assertThatThrownBy(() -> StorageLocation.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("repository location s3://…")
                .hasMessageContaining("s3://bucket/folder?endpoint=https://host&region=name")
                .hasMessageNotContaining("secret");
    }
}
