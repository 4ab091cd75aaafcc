package io.varve.format;

import io.varve.format.json.JsonFields;
import io.varve.format.json.JsonText;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * What {@code kopia.blobcfg} holds: how blobs are kept from being deleted (format, 2.5).
 *
 * @param retention absent where they are not
 */
public record BlobConfig(Optional<Retention> retention) {

    /** The blob's id. */
    public static final String BLOB_ID = "kopia.blobcfg";

    /** Of a repository whose blobs may be deleted. */
    public static final BlobConfig NONE = new BlobConfig(Optional.empty());

    /**
     * @param mode {@code GOVERNANCE} or {@code COMPLIANCE}; others are not known yet
     * @param period from when a blob is put
     */
    public record Retention(String mode, Duration period) {}

    /** As JSON, before it is sealed. */
    public byte[] encode() {
        return JsonText.compact(
                        json -> {
                            json.writeStartObject();
                            retention.ifPresent(
                                    kept ->
                                            json.writeStringProperty("retentionMode", kept.mode())
                                                    .writeNumberProperty(
                                                            "retentionPeriod",
                                                            kept.period().toNanos()));
                            json.writeEndObject();
                        })
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Reads what {@link #encode()} gives. */
    public static BlobConfig decode(ByteBuffer json) throws CorruptFormatException {
        JsonFields fields = JsonFields.parse(json, BLOB_ID);
        Retention retention =
                new Retention(fields.text("retentionMode"), fields.duration("retentionPeriod"));
        boolean off = retention.mode().isEmpty() || retention.period().isZero();
        return off ? NONE : new BlobConfig(Optional.of(retention));
    }
}
