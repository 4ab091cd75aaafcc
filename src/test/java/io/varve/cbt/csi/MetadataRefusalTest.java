package io.varve.cbt.csi;

import static io.varve.cbt.csi.ScriptedMetadataServer.honestly;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Status;
import io.varve.Certificate;
import io.varve.cbt.csi.TrackingException.Kind;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Instant;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may ask, and whom. */
class MetadataRefusalTest extends MetadataServerHarness {

    @ParameterizedTest
    @CsvSource({
        "CANCELLED, FAILED, 6",
        "UNKNOWN, FAILED, 6",
        "INVALID_ARGUMENT, FAILED, 1",
        "DEADLINE_EXCEEDED, FAILED, 6",
        "NOT_FOUND, FAILED, 1",
        "ALREADY_EXISTS, FAILED, 6",
        "PERMISSION_DENIED, DENIED, 1",
        "RESOURCE_EXHAUSTED, FAILED, 6",
        "FAILED_PRECONDITION, FAILED, 1",
        "ABORTED, FAILED, 6",
        "OUT_OF_RANGE, FAILED, 1",
        "UNIMPLEMENTED, UNSUPPORTED, 1",
        "INTERNAL, FAILED, 6",
        "UNAVAILABLE, FAILED, 6",
        "DATA_LOSS, FAILED, 6",
        "UNAUTHENTICATED, DENIED, 2",
    })
    void eachCodeHasItsAnswer(Status.Code code, Kind kind, int calls) {
        TrackingException refused =
                refused(
                        CHANGED,
                        (call, asked, answer) ->
                                answer.fail(
                                        Status.fromCode(code).withDescription("because it is")));
        assertThat(refused.kind()).isEqualTo(kind);
        assertThat(server.calls()).hasSize(calls);
        assertThat(refused).hasMessageContaining(code.name()).hasMessageContaining("because it is");
    }

    @Test
    void messagesThatAreTooLargeAreMadeSmaller() throws IOException {
        ReportedBlocks whole =
                read(
                        CHANGED,
                        (call, asked, answer) -> {
                            if (asked.maxResults() > 1000) {
                                answer.fail(Status.RESOURCE_EXHAUSTED);
                            } else {
                                honestly(asked, answer, CAPACITY, RANGES);
                            }
                        });
        assertThat(whole.blocks()).isEqualTo(BLOCKS);
        assertThat(server.calls())
                .extracting(ScriptedMetadataServer.Asked::maxResults)
                .containsExactly(4096, 2048, 1024, 512);
    }

    @Test
    void aTokenThatIsNotAcceptedIsReplacedOnceAndSoIsTheAudience() throws IOException {
        Cluster cluster = new Cluster();
        ReportedBlocks whole =
                read(
                        CHANGED,
                        (call, asked, answer) -> {
                            if (asked.token().equals("secret-1")) {
                                answer.fail(Status.UNAUTHENTICATED);
                            } else {
                                honestly(asked, answer, CAPACITY, RANGES);
                            }
                        },
                        cluster);
        assertThat(whole.blocks()).isEqualTo(BLOCKS);
        assertThat(cluster.looked).isEqualTo(2);
    }

    @Test
    void anAuthorityThatWasReplacedIsReadAnew() throws Exception {
        Certificate old = Certificate.create("localhost");
        ReportedBlocks whole =
                read(
                        CHANGED,
                        (call, asked, answer) -> honestly(asked, answer, CAPACITY, RANGES),
                        new Cluster() {
                            @Override
                            public MetadataService service() throws IOException {
                                MetadataService now = super.service();
                                return looked > 1
                                        ? now
                                        : new MetadataService(
                                                now.driver(),
                                                now.address(),
                                                now.audience(),
                                                old.pem());
                            }
                        });
        assertThat(whole.blocks()).isEqualTo(BLOCKS);
        assertThat(server.calls()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"another", "none"})
    void aServerThatItsAuthorityDoesNotVouchForIsNotAsked(String kind) throws Exception {
        String pem = kind.equals("none") ? "no certificate" : Certificate.create("localhost").pem();
        MetadataAccess access =
                new Cluster() {
                    @Override
                    public MetadataService service() {
                        return new MetadataService("driver", server.address(), "audience", pem);
                    }
                };
        TrackingException refused =
                catchThrowableOfType(
                        TrackingException.class,
                        () -> read(CHANGED, (call, asked, answer) -> answer.ok(), access));
        assertThat(refused.kind()).isEqualTo(Kind.FAILED);
        assertThat(server.calls()).isEmpty();
    }

    @Test
    void aServerWithAnotherNameIsNotAsked() throws Exception {
        Certificate other = Certificate.create("csi-snapshot-metadata.other");
        try (ScriptedMetadataServer stranger = new ScriptedMetadataServer(other)) {
            stranger.answers((call, asked, answer) -> answer.ok());
            MetadataAccess access =
                    new Cluster() {
                        @Override
                        public MetadataService service() {
                            return new MetadataService(
                                    "driver", stranger.address(), "audience", other.pem());
                        }
                    };
            TrackingException refused =
                    catchThrowableOfType(
                            TrackingException.class,
                            () -> read(CHANGED, (call, asked, answer) -> answer.ok(), access));
            assertThat(refused)
                    .hasMessageContaining("SnapshotMetadataService driver at localhost:")
                    .hasMessageContaining("No subject alternative DNS name matching localhost");
            assertThat(stranger.calls()).isEmpty();
        }
    }

    @Test
    void aStopEndsASilentCall() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        server.answers((call, question, answer) -> asked.countDown());
        InterruptedIOException stopped =
                catchThrowableOfType(
                        InterruptedIOException.class,
                        () ->
                                new MetadataClient(new Cluster(), new Random(1))
                                        .read(CHANGED, () -> asked.getCount() == 0));
        assertThat(stopped).isNotNull();
    }

    @Test
    void theTextOfATokenDoesNotShowIt() {
        assertThat(new SecurityToken("secret", Instant.EPOCH).toString()).doesNotContain("secret");
    }
}
