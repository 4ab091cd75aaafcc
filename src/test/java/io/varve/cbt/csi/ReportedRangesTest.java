package io.varve.cbt.csi;

import static io.varve.cbt.csi.ScriptedMetadataServer.range;
import static io.varve.cbt.csi.proto.BlockMetadataType.FIXED_LENGTH;
import static io.varve.cbt.csi.proto.BlockMetadataType.UNKNOWN;
import static io.varve.cbt.csi.proto.BlockMetadataType.VARIABLE_LENGTH;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.varve.cbt.csi.TrackingException.Kind;
import io.varve.cbt.csi.proto.BlockMetadata;
import io.varve.volume.BlockBitmap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a driver may say about ranges, and what not. */
class ReportedRangesTest extends MetadataServerHarness {

    @Test
    void rangesInAnyOrderAreASet() throws IOException {
        ReportedBlocks whole =
                read(
                        CHANGED,
                        (call, asked, answer) -> {
                            assertThat(asked.offset()).isZero();
                            answer.message(
                                    VARIABLE_LENGTH,
                                    CAPACITY,
                                    tuples(
                                            RANGES.get(2),
                                            RANGES.get(0),
                                            RANGES.get(2),
                                            RANGES.get(1)));
                            if (call == 0) {
                                answer.fail(Status.UNAVAILABLE);
                            } else {
                                answer.message(VARIABLE_LENGTH, CAPACITY, tuples(RANGES.get(3)));
                                answer.ok();
                            }
                        });
        assertThat(whole.blocks()).isEqualTo(BLOCKS);
        assertThat(whole.warnings()).singleElement().asString().contains("not in order");
    }

    /** Only an end that was asked for once more is one: this driver ends with each page. */
    @Test
    void anOverlapDoesNotHideThatMoreFollows() throws IOException {
        ReportedBlocks whole =
                read(
                        CHANGED,
                        (call, asked, answer) -> {
                            RANGES.stream()
                                    .filter(extent -> extent.end() > asked.offset())
                                    .findFirst()
                                    .ifPresent(
                                            extent ->
                                                    answer.message(
                                                            VARIABLE_LENGTH,
                                                            CAPACITY,
                                                            tuples(extent, extent)));
                            answer.ok();
                        });
        assertThat(whole.blocks()).isEqualTo(BLOCKS);
        assertThat(whole.calls()).isEqualTo(RANGES.size());
    }

    @Test
    void whatReachesPastTheEndIsCutAndEmptyRangesAreNothing() throws IOException {
        long capacity = 2 * MIB + 4096;
        ReportedBlocks whole =
                read(
                        ALLOCATED,
                        (call, asked, answer) -> {
                            answer.message(
                                    FIXED_LENGTH,
                                    capacity,
                                    List.of(
                                            range(MIB, 0),
                                            range(2 * MIB, MIB),
                                            range(7 * MIB, 4096)));
                            answer.ok();
                        });
        assertThat(whole.blocks()).isEqualTo(BlockBitmap.range(2, 3));
        assertThat(whole.warnings()).singleElement().asString().contains("behind the end");
    }

    @ParameterizedTest
    @CsvSource({
        "-1, 1, 67108864",
        "0, -1, 67108864",
        "9223372036854775807, 1, 67108864",
        "0, 1, -1",
        "0, 1, 9223372036854775807",
    })
    void whatCannotBeIsAFailure(long offset, long bytes, long capacity) {
        TrackingException refused =
                refused(
                        CHANGED,
                        (call, asked, answer) -> {
                            answer.message(
                                    VARIABLE_LENGTH, capacity, List.of(range(offset, bytes)));
                            answer.ok();
                        });
        assertThat(refused.kind()).isEqualTo(Kind.FAILED);
        assertThat(server.calls()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aVolumeThatChangesWhileItIsToldIsAFailure(boolean inOneCall) {
        TrackingException refused =
                refused(
                        CHANGED,
                        (call, asked, answer) -> {
                            if (call == 0) {
                                answer.message(
                                        VARIABLE_LENGTH, CAPACITY, tuples(RANGES.getFirst()));
                                if (!inOneCall) {
                                    answer.fail(Status.UNAVAILABLE);
                                    return;
                                }
                            }
                            answer.message(
                                    VARIABLE_LENGTH, CAPACITY + MIB, tuples(RANGES.getLast()));
                            answer.ok();
                        });
        assertThat(refused.kind()).isEqualTo(Kind.FAILED);
        assertThat(refused).hasMessageContaining(Long.toString(CAPACITY + MIB));
    }

    @Test
    void aTypeThatChangesIsAFailureAndAnUnknownOneAWarning() throws IOException {
        refused(
                CHANGED,
                (call, asked, answer) -> {
                    answer.message(VARIABLE_LENGTH, CAPACITY, tuples(RANGES.getFirst()));
                    answer.message(FIXED_LENGTH, CAPACITY, tuples(RANGES.getLast()));
                    answer.ok();
                });
        ReportedBlocks whole =
                read(
                        CHANGED,
                        (call, asked, answer) -> {
                            answer.message(UNKNOWN, CAPACITY, tuples(RANGES.getLast()));
                            answer.ok();
                        });
        assertThat(whole.blocks()).isEqualTo(BlockBitmap.range(63, 64));
        assertThat(whole.warnings()).hasSize(1);
    }

    @Test
    void memoryDoesNotGrowWithTheNumberOfRanges() throws IOException {
        int each = 1000;
        int messages = 1000;
        long capacity = 4096L * 2 * each * messages;
        ReportedBlocks whole =
                read(
                        ALLOCATED,
                        (call, asked, answer) -> {
                            for (int message = 0; call == 0 && message < messages; message++) {
                                List<BlockMetadata> some = new ArrayList<>(each);
                                for (int i = 0; i < each; i++) {
                                    some.add(range(8192L * (message * each + i), 4096));
                                }
                                answer.message(FIXED_LENGTH, capacity, some);
                            }
                            answer.ok();
                        });
        assertThat(whole.ranges()).isEqualTo(1_000_000);
        assertThat(whole.blocks()).isEqualTo(BlockBitmap.range(0, BlockBitmap.blocksIn(capacity)));
        assertThat(whole.blocks().toBytes()).hasSizeLessThan(1000);
    }
}
