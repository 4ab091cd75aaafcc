package io.varve.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SessionMarkerTest {

    private static final byte[] RANDOM = Golden.hex("0011223344556677");

    private static final String JSON =
            "{\"id\":\"s0011223344556677144\",\"startTime\":\"2026-08-21T10:00:00.12Z\","
                    + "\"checkpointTime\":\"2026-08-21T10:00:01Z\",\"username\":\"u\","
                    + "\"hostname\":\"h\"}";

    private static final SessionMarker MARKER =
            new SessionMarker(
                    new SessionId("s0011223344556677144"),
                    Instant.parse("2026-08-21T10:00:00.12Z"),
                    Instant.parse("2026-08-21T10:00:01Z"),
                    "u",
                    "h");

    @Test
    void sessionIdEndsInTheMonthsOfThirtyDaysSince2000() {
        Instant august = Instant.parse("2026-08-21T00:00:00Z");
        assertThat(SessionId.of(RANDOM, august)).hasToString("s0011223344556677144");
        assertThat(SessionId.of(RANDOM, Instant.parse("2000-01-30T23:59:59Z")))
                .hasToString("s00112233445566770");
        assertThat(SessionId.of(RANDOM, Instant.parse("2000-01-31T00:00:00Z")))
                .hasToString("s00112233445566771");
    }

    @Test
    void sessionIdOfAnotherShapeIsOurMistake() {
        assertThatThrownBy(() -> new SessionId("0011223344556677144"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SessionId.of(new byte[7], Instant.EPOCH))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void markerIsWrittenAsJson() {
        assertThat(new String(MARKER.encode(), StandardCharsets.UTF_8)).isEqualTo(JSON);
    }

    @Test
    void markerIsReadBack() throws Exception {
        assertThat(SessionMarker.decode(Golden.utf8(JSON), "s1")).isEqualTo(MARKER);
    }

    @Test
    void markerWithoutASessionIsCorrupt() {
        assertThatThrownBy(() -> SessionMarker.decode(Golden.utf8("{}"), "s1"))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("session marker s1")
                .hasMessageContaining("'id'");
    }

    @Test
    void damagedMarkerIsReadOrRefused() throws Exception {
        Mutations.survives(
                MARKER.encode(), bytes -> SessionMarker.decode(ByteBuffer.wrap(bytes), "s1"));
    }
}
