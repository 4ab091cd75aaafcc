package io.varve.cbt.csi;

import static io.varve.cbt.csi.ScriptedMetadataServer.honestly;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Status;
import io.varve.cbt.csi.TrackingException.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TrackingLadderTest extends MetadataServerHarness {

    private static final Optional<String> BASE = Optional.of("handle-1");

    private TrackedBlocks find(Optional<String> base, Status.Code changed, Status.Code allocated)
            throws IOException {
        server.answers(
                (call, asked, answer) -> {
                    Status.Code code = asked.baseId().isEmpty() ? allocated : changed;
                    if (code == Status.Code.OK) {
                        honestly(asked, answer, CAPACITY, RANGES);
                    } else {
                        answer.fail(Status.fromCode(code));
                    }
                });
        return new TrackingLadder(client()).find("shop", "data-2", base, () -> false);
    }

    private MetadataClient client() {
        return new MetadataClient(new Cluster(), new Random(1), IMPATIENT, Duration.ofSeconds(20));
    }

    @Test
    void whereAllocatedBlocksAreNotToBeReliedOnTheyAreNotAskedFor() throws IOException {
        server.answers((call, asked, answer) -> answer.fail(Status.NOT_FOUND));
        TrackedBlocks found =
                TrackingLadder.withoutAllocated(client(), "the claim is a clone")
                        .find("shop", "data-2", BASE, () -> false);
        assertThat(found).isInstanceOf(TrackedBlocks.Unknown.class);
        assertThat(found.failures()).hasSize(2);
        assertThat(found.failures().getLast()).hasMessage("the claim is a clone");
        assertThat(server.calls())
                .extracting(asked -> asked.baseId())
                .containsOnly(BASE.orElseThrow());
    }

    @Test
    void onlyTheFirstRungIsTakenWhereItHolds() throws IOException {
        TrackedBlocks found = find(BASE, Status.Code.OK, Status.Code.INTERNAL);
        assertThat(found).isInstanceOf(TrackedBlocks.Changed.class);
        assertThat(found.failures()).isEmpty();
        assertThat(server.calls()).hasSize(1);
    }

    @Test
    void withoutABaseTheAllocatedBlocksAreAskedForAlone() throws IOException {
        TrackedBlocks found = find(Optional.empty(), Status.Code.OK, Status.Code.OK);
        assertThat(found).isInstanceOf(TrackedBlocks.Allocated.class);
        assertThat(found.failures()).isEmpty();
        assertThat(server.calls()).extracting(asked -> asked.baseId()).containsExactly("");
    }

    @ParameterizedTest
    @CsvSource({
        "NOT_FOUND",
        "FAILED_PRECONDITION",
        "INTERNAL",
        "UNIMPLEMENTED",
        "OUT_OF_RANGE",
        "INVALID_ARGUMENT"
    })
    void whereChangesAreUnknownOnlyAllocatedBlocksAreRead(Status.Code code) throws IOException {
        TrackedBlocks found = find(BASE, code, Status.Code.OK);
        assertThat(found).isInstanceOf(TrackedBlocks.Allocated.class);
        assertThat(((TrackedBlocks.Allocated) found).blocks().blocks()).isEqualTo(BLOCKS);
        assertThat(found.failures())
                .singleElement()
                .satisfies(why -> assertThat(why).hasMessageContaining("changed since handle-1"));
    }

    @Test
    void whereNothingIsKnownEachRungSaysWhy() throws IOException {
        TrackedBlocks found = find(BASE, Status.Code.NOT_FOUND, Status.Code.UNIMPLEMENTED);
        assertThat(found).isInstanceOf(TrackedBlocks.Unknown.class);
        assertThat(found.failures())
                .extracting(TrackingException::kind)
                .containsExactly(Kind.FAILED, Kind.UNSUPPORTED);
    }

    @ParameterizedTest
    @EnumSource(
            value = Status.Code.class,
            names = {"UNAUTHENTICATED", "PERMISSION_DENIED", "INVALID_ARGUMENT"})
    void aRefusalIsNeverAReasonToReadMore(Status.Code code) {
        for (Status.Code changed : new Status.Code[] {code, Status.Code.NOT_FOUND}) {
            TrackingException refused =
                    catchThrowableOfType(TrackingException.class, () -> find(BASE, changed, code));
            assertThat(refused).isNotNull();
            assertThat(refused.kind()).isEqualTo(Kind.DENIED);
        }
    }
}
