package io.varve.format.index;

import io.varve.format.CorruptFormatException;
import io.varve.format.json.JsonFields;
import io.varve.format.json.JsonText;
import io.varve.format.json.Rfc3339;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/**
 * What a compaction in a repository without epochs did: the outputs hold all that the inputs held.
 * Stored encrypted, as blob {@code m<hash>}.
 */
public record CompactionLog(List<IndexBlob> inputs, List<IndexBlob> outputs) {

    /** An index blob as it was then; the length is in bytes. */
    public record IndexBlob(String name, long length, Instant modified) {}

    public CompactionLog {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /** The log as JSON. */
    public byte[] encode() {
        return JsonText.compact(
                        json -> {
                            json.writeStartObject();
                            write(json, "inputMetadata", inputs);
                            write(json, "outputMetadata", outputs);
                            json.writeEndObject();
                        })
                .getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Reads what {@link #encode()} gives.
     *
     * @param blob names the log in messages
     */
    public static CompactionLog decode(ByteBuffer json, String blob) throws CorruptFormatException {
        JsonFields fields = JsonFields.parse(json, "index compaction log " + blob);
        return new CompactionLog(
                read(fields.objects("inputMetadata")), read(fields.objects("outputMetadata")));
    }

    private static void write(JsonGenerator json, String key, List<IndexBlob> blobs) {
        json.writeArrayPropertyStart(key);
        for (IndexBlob blob : blobs) {
            json.writeStartObject()
                    .writeStringProperty("id", blob.name())
                    .writeNumberProperty("length", blob.length())
                    .writeStringProperty("timestamp", Rfc3339.format(blob.modified()))
                    .writeEndObject();
        }
        json.writeEndArray();
    }

    private static List<IndexBlob> read(List<JsonFields> objects) throws CorruptFormatException {
        List<IndexBlob> blobs = new ArrayList<>();
        for (JsonFields object : objects) {
            if (object.text("id").isEmpty()) {
                throw object.wrong("id", "a blob's name");
            }
            blobs.add(
                    new IndexBlob(
                            object.text("id"),
                            object.int64("length"),
                            object.time("timestamp", Rfc3339.ZERO)));
        }
        return blobs;
    }
}
