package io.varve.format.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.format.Golden;
import io.varve.format.SessionId;
import io.varve.format.index.IndexBlobName.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IndexBlobNameTest {

    private static final String NAME =
            "xn0_73976424fd364740574ecde0b3235a3a-s0011223344556677135-c1";

    private static final SessionId SESSION = new SessionId("s0011223344556677135");

    @Test
    void nameIsPutTogether() {
        byte[] hash = Golden.hex("73976424fd364740574ecde0b3235a3a");
        assertThat(IndexBlobName.uncompacted(0, hash, SESSION, 1)).isEqualTo(NAME);
        assertThat(IndexBlobName.prefix(12)).isEqualTo("xn12_");
        assertThat(IndexBlobName.suffix(SESSION, 3)).isEqualTo("s0011223344556677135-c3");
    }

    @Test
    void nameIsTakenApart() {
        assertThat(IndexBlobName.parse(NAME))
                .contains(
                        new IndexBlobName(NAME, Kind.UNCOMPACTED, 0, 0, "s0011223344556677135", 1));
        assertThat(IndexBlobName.parse("xs12_ab-sf-c2"))
                .contains(new IndexBlobName("xs12_ab-sf-c2", Kind.SINGLE_EPOCH, 12, 12, "sf", 2));
        assertThat(IndexBlobName.parse("xr0_3_ab-sf-c1"))
                .contains(new IndexBlobName("xr0_3_ab-sf-c1", Kind.RANGE, 0, 3, "sf", 1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "xe1",
                "xw1",
                "xn_ab-sf-c1",
                "xn1",
                "xnx_ab-sf-c1",
                "xr0_ab-sf-c1",
                "xn99999999999_ab-sf-c1",
                "n0_ab",
                ""
            })
    void otherNamesAreNotTakenApart(String name) {
        assertThat(IndexBlobName.parse(name)).isEmpty();
    }

    @Test
    void partsThatCannotBeAreOurMistake() {
        assertThatThrownBy(() -> IndexBlobName.prefix(-1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> IndexBlobName.suffix(SESSION, 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
