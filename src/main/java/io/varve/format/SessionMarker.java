package io.varve.format;

import io.varve.format.json.JsonFields;
import io.varve.format.json.JsonText;
import io.varve.format.json.Rfc3339;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * What a writer puts before its first pack, so that maintenance keeps packs that no index names
 * yet. Stored encrypted, as blob {@code s<hash>-<session>}.
 *
 * @param checkpointTime when the session was last known to be alive; its packs are safe for 96
 *     hours from then on
 */
public record SessionMarker(
        SessionId id, Instant startTime, Instant checkpointTime, String username, String hostname) {

    /** Prefix of a marker blob's name; the session's id is the suffix. */
    public static final String BLOB_PREFIX = "s";

    /** The marker as JSON. */
    public byte[] encode() {
        return JsonText.compact(
                        json ->
                                json.writeStartObject()
                                        .writeStringProperty("id", id.value())
                                        .writeStringProperty("startTime", Rfc3339.format(startTime))
                                        .writeStringProperty(
                                                "checkpointTime", Rfc3339.format(checkpointTime))
                                        .writeStringProperty("username", username)
                                        .writeStringProperty("hostname", hostname)
                                        .writeEndObject())
                .getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Reads what {@link #encode()} gives.
     *
     * @param blob names the marker in messages
     */
    public static SessionMarker decode(ByteBuffer json, String blob) throws CorruptFormatException {
        JsonFields fields = JsonFields.parse(json, "session marker " + blob);
        String id = fields.text("id");
        try {
            return new SessionMarker(
                    new SessionId(id),
                    fields.time("startTime", Rfc3339.ZERO),
                    fields.time("checkpointTime", Rfc3339.ZERO),
                    fields.text("username"),
                    fields.text("hostname"));
        } catch (IllegalArgumentException notAnId) {
            throw fields.wrong("id", "a session id");
        }
    }
}
