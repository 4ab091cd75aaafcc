package io.varve.cbt.ranges;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.varve.volume.BlockBitmap;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RangesFileTest {
    private static final long MIB = 1 << 20;
    private static final long VOLUME = 10 * MIB + 512;

    @TempDir Path folder;

    @Test
    void rangesAreWidenedToBlocks() throws IOException {
        RangesFile read =
                read(
                        """
                        [{"offset":0,"length":1},
                         {"offset":3145727,"length":2},
                         {"length":512,"offset":10485760}]
                        """);
        assertThat(read.blocks())
                .isEqualTo(BlockBitmap.builder().add(0, 1).add(2, 4).add(10, 11).build());
        assertThat(read.warnings()).isEmpty();
    }

    @Test
    void outputOfRbdDiffIsTakenAsItIsAndWhatNoLongerExistsHasChanged() throws IOException {
        RangesFile read =
                read(
                        """
                        [{"offset":0,"length":4194304,"exists":"true"},\
                        {"offset":8388608,"length":1048576,"exists":"false"},\
                        {"offset":9437184,"length":4096,"exists":false}]""");
        assertThat(read.blocks()).isEqualTo(BlockBitmap.builder().add(0, 4).add(8, 10).build());
    }

    @Test
    void unknownKeysAndEmptyRangesAreIgnored() throws IOException {
        assertThat(
                        read("""
                                        [{"offset":1,"x":{"offset":[5]},"length":2,"y":null},
                                         {"offset":9999999999,"length":0}]
                                        """)
                                .blocks())
                .isEqualTo(BlockBitmap.range(0, 1));
        assertThat(read("[]").blocks()).isEqualTo(BlockBitmap.empty());
    }

    @Test
    void overlapsInAnyOrderAreOneWarningAndOneSet() throws IOException {
        RangesFile read =
                read(
                        """
                        [{"offset":5242880,"length":4096},{"offset":0,"length":2000},
                         {"offset":1048576,"length":1},{"offset":1000,"length":10},
                         {"offset":1005,"length":10}]
                        """);
        assertThat(read.blocks()).isEqualTo(BlockBitmap.builder().add(0, 2).add(5, 6).build());
        assertThat(read.warnings())
                .containsExactly(
                        folder.resolve("ranges.json")
                                + ": ranges overlap, first at byte 1000; they are taken as one set");
    }

    @Test
    void unorderedRangesThatOnlyTouchAreNoOverlap() throws IOException {
        assertThat(
                        read("[{\"offset\":100,\"length\":50},{\"offset\":0,\"length\":100}]")
                                .warnings())
                .isEmpty();
    }

    @Test
    void theHashIsThatOfTheFilesBytes() throws IOException {
        // printf '[]\n \n' | sha256sum
        assertThat(read("[]\n \n").sha256())
                .isEqualTo("c4668d15907859e10a2be45f3b3348a556b03511d32929e476a2b7eaf49e2f16");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {}                                           | found an object, expected an array
                    5                                            | found a number, expected an array
                    ``                                           | found nothing, expected an array
                    offset,length                                | not JSON at line 1
                    []5                                          | found a number after the array
                    [] x                                         | not JSON at line 1
                    [                                            | not JSON at line 1, column 2: Unexpected end-of-input: expected close marker for Array
                    """)
    void aFileThatIsNoArrayIsRefusedAsAWhole(String content, String problem) throws IOException {
        InvalidRangesException refusal = refusal(content);
        assertThat(refusal).hasMessageStartingWith(folder.resolve("ranges.json") + ": " + problem);
        assertThat(refusal.index()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {"offset":-1,"length":5}                     | "offset" is -1, expected a whole number from 0 to 10486272, the volume's size
                    {"offset":0,"length":-5}                     | "length" is -5, expected a whole number
                    {"length":5}                                 | "offset" is missing
                    {"offset":5}                                 | "length" is missing
                    {}                                           | "offset" is missing
                    {"offset":"0","length":5}                    | "offset" is a string, expected a whole number
                    {"offset":0,"length":null}                   | "length" is null, expected a whole number
                    {"offset":[0],"length":5}                    | "offset" is an array, expected a whole number
                    {"offset":0.5,"length":5}                    | "offset" is 0.5, expected a whole number
                    {"offset":0,"length":1e3}                    | "length" is 1e3, expected a whole number
                    {"offset":9223372036854775808,"length":5}    | "offset" is 9223372036854775808, expected a whole number
                    {"offset":9223372036854775807,"length":5}    | 5 bytes at byte 9223372036854775807 end past the volume, which has 10486272 bytes
                    {"offset":5,"length":9223372036854775807}    | 9223372036854775807 bytes at byte 5 end past the volume
                    {"offset":10486271,"length":2}               | 2 bytes at byte 10486271 end past the volume
                    {"offset":0,"length":5,"offset":1}           | "offset" is there twice
                    17                                           | found a number, expected an object
                    []                                           | found an array, expected an object
                    {"offset":0,"length":5                       | not JSON at line 2
                    {"offset":0,"length":                        | not JSON at line 2
                    {"offset":0 "length":5}                      | not JSON at line 2
                    """)
    void aSingleBadRangeIsRefusedWithItsIndex(String range, String problem) throws IOException {
        InvalidRangesException refusal =
                refusal(
                        "[{\"offset\":0,\"length\":1},{\"offset\":1,\"length\":0},\n"
                                + range
                                + "]");
        assertThat(refusal)
                .hasMessageStartingWith(folder.resolve("ranges.json") + ": range [2]: " + problem);
        assertThat(refusal.index()).isEqualTo(OptionalLong.of(2));
    }

    @Test
    void aFileCutAnywhereIsRefusedInPlainWords() throws IOException {
        String whole = "[{\"offset\":0,\"length\":4096},{\"offset\":8192,\"length\":4096}]";
        for (int length = 0; length < whole.length(); length++) {
            assertThat(refusal(whole.substring(0, length)))
                    .as("cut to %d", length)
                    .isNotNull()
                    .message()
                    .doesNotContain("Source");
        }
    }

    @Test
    void anEndlessNumberOrNestingIsRefused() throws IOException {
        String digits = "9".repeat(100_000);
        assertThat(refusal("[{\"offset\":%s,\"length\":1}]".formatted(digits)))
                .hasMessageContaining("range [0]");
        assertThat(refusal("[{\"x\":%s".formatted("[".repeat(100_000))))
                .hasMessageContaining("range [0]: not JSON at line 1");
    }

    @Test
    void theLastByteOfTheVolumeIsStillInside() throws IOException {
        assertThat(read("[{\"offset\":10486271,\"length\":1}]").blocks())
                .isEqualTo(BlockBitmap.range(10, 11));
    }

    @Test
    void aMissingFileIsNotAnInvalidOne() {
        assertThatThrownBy(() -> RangesFile.read(folder.resolve("missing.json"), VOLUME))
                .isInstanceOf(NoSuchFileException.class);
    }

    @Test
    void aMillionRangesAreReadAsAStream() throws IOException {
        Path file = folder.resolve("many.json");
        long ranges = 1_000_000;
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            out.write("[");
            for (long i = 0; i < ranges; i++) {
                out.write((i == 0 ? "" : ",") + "{\"offset\":" + 2 * i * MIB + ",\"length\":4096}");
            }
            out.write("]");
        }
        RangesFile read = RangesFile.read(file, 2 * ranges * MIB);
        assertThat(read.blocks().cardinality()).isEqualTo(ranges);
        assertThat(read.blocks().select(ranges - 1)).isEqualTo(2 * (ranges - 1));
        assertThat(read.warnings()).isEmpty();
    }

    private RangesFile read(String content) throws IOException {
        return RangesFile.read(Files.writeString(folder.resolve("ranges.json"), content), VOLUME);
    }

    private InvalidRangesException refusal(String content) throws IOException {
        Path file = Files.writeString(folder.resolve("ranges.json"), content);
        return catchThrowableOfType(
                InvalidRangesException.class, () -> RangesFile.read(file, VOLUME));
    }
}
