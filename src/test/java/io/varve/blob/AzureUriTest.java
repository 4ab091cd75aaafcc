package io.varve.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AzureUriTest {

    private static StorageLocation.AzureContainer parse(String text) {
        return (StorageLocation.AzureContainer) StorageLocation.parse(text);
    }

    @ParameterizedTest
    @CsvSource({
        "azure://backup?account=acme,            '',     azure://backup?account=acme",
        "azure://backup/a/b/?account=acme,       a/b/,   azure://backup/a/b?account=acme",
        "AZURE://backup/a%20b?account=acme,      'a b/', azure://backup/a%20b?account=acme",
        "azure://backup?account=acme&prefix=a,   a,      azure://backup?prefix=a&account=acme",
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
                "azure://backup/a?account=acme&endpoint=http://127.0.0.1:10000&tier=Cool&append-only=true";
        assertThat(parse(text))
                .isEqualTo(
                        new StorageLocation.AzureContainer(
                                "backup",
                                "a/",
                                "acme",
                                Optional.of(URI.create("http://127.0.0.1:10000")),
                                Optional.of("Cool"),
                                true))
                .hasToString(text);
        assertThat(parse("azure://backup?account=acme").server())
                .isEqualTo("https://acme.blob.core.windows.net");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "azure://",
                "azure://backup",
                "azure://b?account=acme",
                "azure://Backup/secret?account=acme",
                "azure://backup?account=Se.cret",
                "azure://acme:secret@backup?account=acme",
                "azure://backup/a?account=acme&prefix=secret",
                "azure://backup?account=acme&key=secret",
                "azure://backup?account=acme&tier=Archive",
                "azure://backup/a?account=acme#secret",
            })
    void whatIsNoContainerIsRefusedWithoutRepeatingIt(String text) {
        assertThatThrownBy(() -> StorageLocation.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("repository location azure://…")
                .hasMessageContaining("azure://container/folder?account=name")
                .hasMessageNotContaining("secret");
    }
}
