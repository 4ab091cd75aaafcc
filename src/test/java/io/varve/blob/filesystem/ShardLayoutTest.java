package io.varve.blob.filesystem;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.varve.blob.BlobId;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Paths as Kopia's own tests and repositories have them. */
class ShardLayoutTest {

    private static final Path ROOT = Path.of("/r");

    @ParameterizedTest
    @CsvSource({
        "'[1,3]',     foobarbaz12345678910123213123, f/oob/arbaz12345678910123213123.f",
        "'[3,3]',     foobarbaz12345678910123213123, foo/bar/baz12345678910123213123.f",
        "'[3,3,3]',   foobarbaz12345678910123213123, foo/bar/baz/12345678910123213123.f",
        "'[]',        foobarbaz12345678910123213123, foobarbaz12345678910123213123.f",
        "'[1,3]',     xn0_7300000000000000000000000, x/n0_/7300000000000000000000000.f",
        "'[1,3]',     kopia.repository,              kopia.repository.f",
        "'[1,3]',     xe1,                           xe1.f",
        "'[1,3]',     12345678901234567890,          12345678901234567890.f",
        "'[1,3]',     123456789012345678901,         1/234/56789012345678901.f",
        "'[20,1]',    123456789012345678901,         12345678901234567890/1.f",
        "'[20,1,5]',  1234567890123456789012,        12345678901234567890/1/2.f",
        "'[21,1]',    123456789012345678901,         123456789012345678901.f"
    })
    void aBlobsFileIsWhereKopiaPutsIt(String shards, String id, String file) {
        String json = "{\"default\":%s,\"maxNonShardedLength\":20}".formatted(shards);
        assertThat(layout(json).file(ROOT, new BlobId(id))).isEqualTo(ROOT.resolve(file));
    }

    @ParameterizedTest
    @CsvSource({
        "pabcdefghijkl,  pab/cde/fgh/ijkl.f",
        "qabcdefghijkl,  q/abcdefghijkl.f",
        "xn0_efghijkl,   xn/0_/efghijkl.f",
        "pabcdefghi,     pabcdefghi.f",
    })
    void theFirstOverrideWithTheIdsPrefixDecides(String id, String file) {
        ShardLayout layout =
                layout(
                        """
                        {"default":[2,2],"maxNonShardedLength":10,"overrides":[
                          {"prefix":"p","shards":[3,3,3]},
                          {"prefix":"pa","shards":[1]},
                          {"prefix":"q","shards":[1]}]}
                        """);
        assertThat(layout.file(ROOT, new BlobId(id))).isEqualTo(ROOT.resolve(file));
    }

    @Test
    void whatIsLeftOutCountsAsInKopia() {
        ShardLayout layout = layout("{\"other\":{},\"overrides\":null}");
        assertThat(layout).isEqualTo(new ShardLayout(List.of(), 0, List.of()));
        ShardLayout toRoot = layout("{\"default\":[1],\"overrides\":[{\"prefix\":\"x\"}]}");
        assertThat(toRoot.file(ROOT, new BlobId("xe1"))).isEqualTo(ROOT.resolve("xe1.f"));
        assertThat(toRoot.file(ROOT, new BlobId("p12"))).isEqualTo(ROOT.resolve("p/12.f"));
    }

    @Test
    void jsonOfANewStorageIsKopiasByteForByte() {
        assertThat(ShardLayout.OF_NEW_STORAGE.toJson())
                .asString(US_ASCII)
                .isEqualTo("{\"default\":[1,3],\"maxNonShardedLength\":20}\n");
    }

    @Test
    void overridesSurviveTheWayThroughJson() {
        ShardLayout layout =
                new ShardLayout(
                        List.of(2, 2),
                        10,
                        List.of(new ShardLayout.PrefixRule("p", List.of(3, 3, 3))));
        assertThat(ShardLayout.parse(layout.toJson())).isEqualTo(layout);
    }

    @Test
    void noIdNamesAFolderOutsideOfTheRoot() {
        ShardLayout layout = new ShardLayout(List.of(1, 1, 1), 0, List.of());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> layout.file(ROOT, new BlobId("a.b")))
                .withMessageContaining("a.b");
        for (String name : List.of("..", ".a", "a..b", "a/b", "/a")) {
            assertThatIllegalArgumentException().isThrownBy(() -> new BlobId(name));
        }
    }

    private static ShardLayout layout(String json) {
        return ShardLayout.parse(json.getBytes(US_ASCII));
    }
}
