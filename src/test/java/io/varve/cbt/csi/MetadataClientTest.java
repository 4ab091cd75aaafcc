package io.varve.cbt.csi;

import static io.varve.cbt.csi.ScriptedMetadataServer.honestly;
import static io.varve.cbt.csi.proto.BlockMetadataType.VARIABLE_LENGTH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.varve.cbt.csi.ScriptedMetadataServer.Script;
import io.varve.cbt.csi.TrackingException.Kind;
import io.varve.volume.BlockBitmap;
import io.varve.volume.Extent;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams: whole, broken, paged, silent. */
class MetadataClientTest extends MetadataServerHarness {

    @Test
    void bothQuestionsAreAskedAsTheProtocolWantsIt() throws IOException {
        Script honest = (call, asked, answer) -> honestly(asked, answer, CAPACITY, RANGES);

        ReportedBlocks changed = read(CHANGED, honest);
        assertThat(changed.blocks()).isEqualTo(BLOCKS);
        assertThat(changed.capacityBytes()).isEqualTo(OptionalLong.of(CAPACITY));
        assertThat(changed.ranges()).isEqualTo(4);
        assertThat(changed.warnings()).isEmpty();
        assertThat(server.calls())
                .containsExactly(
                        new ScriptedMetadataServer.Asked(
                                "secret-1", "shop", "data-2", "handle-1", 0, 4096));

        assertThat(read(ALLOCATED, honest).blocks()).isEqualTo(BLOCKS);
        assertThat(server.calls())
                .containsExactly(
                        new ScriptedMetadataServer.Asked(
                                "secret-1", "shop", "data-2", "", 0, 4096));
    }

    @Test
    void anAnswerWithoutAMessageIsWholeAndEmpty() throws IOException {
        ReportedBlocks none = read(CHANGED, (call, asked, answer) -> answer.ok());
        assertThat(none)
                .isEqualTo(
                        new ReportedBlocks(
                                BlockBitmap.empty(), OptionalLong.empty(), 0, 1, List.of()));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void anAnswerThatBreaksAfterAnyMessageGoesOnThere(int messages) throws IOException {
        ReportedBlocks whole =
                read(
                        CHANGED,
                        (call, asked, answer) -> {
                            if (call > 0) {
                                honestly(asked, answer, CAPACITY, RANGES);
                                return;
                            }
                            for (Extent extent : RANGES.subList(0, messages)) {
                                answer.message(VARIABLE_LENGTH, CAPACITY, tuples(extent));
                            }
                            answer.fail(Status.UNAVAILABLE);
                        });
        assertThat(whole.blocks()).isEqualTo(BLOCKS);
        assertThat(server.calls().getLast().offset())
                .isEqualTo(messages == 0 ? 0 : RANGES.get(messages - 1).end());
        assertThat(server.calls().getLast().token()).isEqualTo("secret-2");
    }

    /** As vSphere's driver did. */
    @Test
    void aDriverThatEndsWithEachPageIsAskedForTheNext() throws IOException {
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
                                                            tuples(extent)));
                            answer.ok();
                        });
        assertThat(whole.blocks()).isEqualTo(BLOCKS);
        assertThat(whole.calls()).isEqualTo(4);
    }

    /** As Ceph's does. */
    @Test
    void nothingIsBehindAnEndWhereTheDriverSaysOutOfRange() throws IOException {
        ReportedBlocks whole =
                read(
                        ALLOCATED,
                        (call, asked, answer) -> {
                            if (call == 0) {
                                answer.message(
                                        VARIABLE_LENGTH, CAPACITY, tuples(RANGES.getFirst()));
                                answer.ok();
                            } else {
                                answer.fail(Status.OUT_OF_RANGE);
                            }
                        });
        assertThat(whole.blocks()).isEqualTo(BlockBitmap.range(0, 1));
        assertThat(whole.calls()).isEqualTo(2);
    }

    @Test
    void anOffsetInTheMiddleThatIsOutOfRangeIsAFailure() {
        TrackingException refused =
                refused(
                        ALLOCATED,
                        (call, asked, answer) -> {
                            if (call == 0) {
                                answer.message(
                                        VARIABLE_LENGTH, CAPACITY, tuples(RANGES.getFirst()));
                                answer.fail(Status.UNAVAILABLE);
                            } else {
                                answer.fail(Status.OUT_OF_RANGE);
                            }
                        });
        assertThat(refused.kind()).isEqualTo(Kind.FAILED);
    }

    @Test
    void aRangeThatBeginsBeforeTheOffsetIsTaken() throws IOException {
        ReportedBlocks whole =
                read(
                        CHANGED,
                        (call, asked, answer) -> {
                            if (call == 0) {
                                answer.message(
                                        VARIABLE_LENGTH, CAPACITY, tuples(new Extent(0, MIB)));
                                answer.fail(Status.UNAVAILABLE);
                            } else if (call == 1) {
                                answer.message(
                                        VARIABLE_LENGTH, CAPACITY, tuples(new Extent(0, 2 * MIB)));
                                answer.ok();
                            } else {
                                answer.ok();
                            }
                        });
        assertThat(whole.blocks()).isEqualTo(BlockBitmap.range(0, 2));
        assertThat(whole.warnings()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aDriverThatAlwaysBeginsAnewIsNotReliedOn(boolean broken) {
        TrackingException refused =
                refused(
                        CHANGED,
                        (call, asked, answer) -> {
                            answer.message(VARIABLE_LENGTH, CAPACITY, tuples(new Extent(0, MIB)));
                            if (broken) {
                                answer.fail(Status.INTERNAL);
                            } else {
                                answer.ok();
                            }
                        });
        assertThat(refused.kind()).isEqualTo(Kind.FAILED);
        assertThat(server.calls()).hasSize(broken ? 7 : 2);
        if (!broken) {
            assertThat(refused).hasMessageContaining("starting_offset");
        }
    }

    /** The first page, a failure, the first page: the end is as unknown as without the failure. */
    @Test
    void aFailureInBetweenDoesNotHideThatADriverBeginsAnew() {
        refused(
                CHANGED,
                (call, asked, answer) -> {
                    if (call == 1) {
                        answer.fail(Status.UNAVAILABLE);
                        return;
                    }
                    answer.message(VARIABLE_LENGTH, CAPACITY, tuples(new Extent(0, MIB)));
                    answer.ok();
                });
        assertThat(server.calls()).hasSize(3);
    }

    @Test
    void attemptsWithProgressAreNotCounted() throws IOException {
        List<Extent> many = new ArrayList<>();
        for (int block = 0; block < 60; block++) {
            many.add(new Extent(block * MIB, 1));
        }
        ReportedBlocks whole =
                read(
                        CHANGED,
                        (call, asked, answer) -> {
                            many.stream()
                                    .filter(extent -> extent.end() > asked.offset())
                                    .findFirst()
                                    .ifPresentOrElse(
                                            extent -> {
                                                answer.message(
                                                        VARIABLE_LENGTH, CAPACITY, tuples(extent));
                                                answer.fail(Status.UNAVAILABLE);
                                            },
                                            answer::ok);
                        });
        assertThat(whole.blocks()).isEqualTo(BlockBitmap.range(0, 60));
        assertThat(whole.calls()).isEqualTo(61);
    }

    @Test
    void aStreamThatOutlivesItsDeadlineGoesOnWhereItWas() throws IOException {
        server.answers(
                (call, asked, answer) -> {
                    if (call == 0) {
                        answer.message(VARIABLE_LENGTH, CAPACITY, tuples(RANGES.getFirst()));
                        // And never again.
                    } else {
                        honestly(asked, answer, CAPACITY, RANGES);
                    }
                });
        ReportedBlocks whole =
                new MetadataClient(new Cluster(), new Random(1), IMPATIENT, Duration.ofSeconds(1))
                        .read(CHANGED, () -> false);
        assertThat(whole.blocks()).isEqualTo(BLOCKS);
        assertThat(server.calls().getLast().offset()).isEqualTo(RANGES.getFirst().end());
    }

    @Test
    void aServiceThatStaysSilentIsGivenUpAndTheMessageSaysWhatWasAsked() {
        server.answers(
                (call, asked, answer) -> {
                    // Never.
                });
        MetadataClient client =
                new MetadataClient(new Cluster(), new Random(1), IMPATIENT, Duration.ofMillis(200));
        assertThatThrownBy(() -> client.read(CHANGED, () -> false))
                .isInstanceOf(TrackingException.class)
                .hasMessageContaining("asked SnapshotMetadataService ")
                .hasMessageContaining("for the %s, from byte 0 on".formatted(CHANGED))
                .hasMessageContaining("6 calls in a row brought nothing new (DEADLINE_EXCEEDED");
        assertThat(server.calls()).hasSize(6);
    }
}
