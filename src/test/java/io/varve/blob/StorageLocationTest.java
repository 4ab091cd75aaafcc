package io.varve.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StorageLocationTest {

    @ParameterizedTest
    @CsvSource({
        "/srv/repo,            /srv/repo,      file:///srv/repo",
        "/srv/repo/,           /srv/repo,      file:///srv/repo",
        "/srv/./x/../repo,     /srv/repo,      file:///srv/repo",
        "/,                    /,              file:///",
        "/tmp,                 /tmp,           file:///tmp",
        "/srv/my repo,         /srv/my repo,   file:///srv/my%20repo",
        "/srv/50%,             /srv/50%,       file:///srv/50%25",
        "file:///srv/repo,     /srv/repo,      file:///srv/repo",
        "file:///srv/my%20repo,/srv/my repo,   file:///srv/my%20repo",
        "file:/srv/repo,       /srv/repo,      file:///srv/repo",
        "FILE:///srv/repo,     /srv/repo,      file:///srv/repo",
        "/srv/a:b,             /srv/a:b,       file:///srv/a:b",
    })
    void aFolderIsAPathOrAFileUriAndItsTextParsesAgain(String text, Path path, String uri) {
        StorageLocation location = StorageLocation.parse(text);
        assertThat(location).isEqualTo(new StorageLocation.Folder(path)).hasToString(uri);
        assertThat(StorageLocation.parse(location.toString())).isEqualTo(location);
    }

    @Test
    void aRelativePathStartsAtTheWorkingDirectory() {
        assertThat(StorageLocation.parse("some/repo"))
                .isEqualTo(new StorageLocation.Folder(Path.of("some/repo").toAbsolutePath()));
    }

    @Test
    void anotherSchemeIsUnknown() {
        assertThatThrownBy(() -> StorageLocation.parse("b2://key:secret@bucket"))
                .isInstanceOf(StorageLocation.Unsupported.class)
                .hasMessageContaining("b2://")
                .hasMessageNotContaining("secret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "file:",
                "file:relative",
                "file://host/path",
                "file:///a?b",
                "file:///a#b",
                "file:///a b",
                "file:///%zz",
                "/a\0b"
            })
    void whatIsNoLocationIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> StorageLocation.parse(text));
    }
}
