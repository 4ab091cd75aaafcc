package io.varve.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlobIdTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kopia.repository",
                "xe1",
                "_log_20261122",
                "udmrepo.Repository",
                "a b",
                "x."
            })
    void namesOfKopiaAndVeleroAreIds(String value) {
        assertThat(new BlobId(value)).hasToString(value);
        assertThat(BlobId.isValid(value)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ".", "..", ".shards", "a..b", "a/b", "/", "a\nb", "\u007f", "a\0", "ä"})
    void whatCouldLeaveTheStorageOrHideInItIsRefused(String value) {
        assertThatIllegalArgumentException().isThrownBy(() -> new BlobId(value));
        assertThat(BlobId.isValid(value)).isFalse();
    }

    @Test
    void idsAreOrderedByTheirBytes() {
        assertThat(new BlobId("xe1")).isLessThan(new BlobId("xe10"));
        assertThat(new BlobId("xe10")).isLessThan(new BlobId("xe2"));
        assertThat(new BlobId("Z")).isLessThan(new BlobId("_")).isLessThan(new BlobId("a"));
    }
}
