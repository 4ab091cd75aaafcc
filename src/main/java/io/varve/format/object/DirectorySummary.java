package io.varve.format.object;

import io.varve.format.CorruptFormatException;
import io.varve.format.json.JsonFields;
import io.varve.format.json.Rfc3339;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/**
 * What a directory and all below it amount to.
 *
 * @param size bytes of all files
 * @param dirs directories, this one included
 * @param maxTime the latest time of modification; 1970 if there is none
 * @param incomplete why it is not whole; empty if it is
 * @param failed entries that could not be read
 * @param ignoredErrors entries that could not be read, which nobody minded
 * @param errors the first few of either
 */
public record DirectorySummary(
        long size,
        long files,
        long symlinks,
        long dirs,
        Instant maxTime,
        String incomplete,
        long failed,
        long ignoredErrors,
        List<EntryError> errors) {

    /** Why one entry could not be read. */
    public record EntryError(String path, String error) {}

    public DirectorySummary {
        errors = List.copyOf(errors);
    }

    /** The summary that a backup of one volume of {@code size} bytes has at its root. */
    public static DirectorySummary ofVolume(long size) {
        return new DirectorySummary(size, 0, 0, 0, Instant.EPOCH, "", 0, 0, List.of());
    }

    void writeTo(JsonGenerator json) {
        json.writeStartObject()
                .writeNumberProperty("size", size)
                .writeNumberProperty("files", files)
                .writeNumberProperty("symlinks", symlinks)
                .writeNumberProperty("dirs", dirs)
                .writeStringProperty("maxTime", Rfc3339.format(maxTime));
        if (!incomplete.isEmpty()) {
            json.writeStringProperty("incomplete", incomplete);
        }
        json.writeNumberProperty("numFailed", failed);
        if (ignoredErrors != 0) {
            json.writeNumberProperty("numIgnoredErrors", ignoredErrors);
        }
        if (!errors.isEmpty()) {
            json.writeArrayPropertyStart("errors");
            for (EntryError error : errors) {
                json.writeStartObject()
                        .writeStringProperty("path", error.path())
                        .writeStringProperty("error", error.error())
                        .writeEndObject();
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    static DirectorySummary read(JsonFields fields) throws CorruptFormatException {
        List<EntryError> errors = new ArrayList<>();
        for (JsonFields error : fields.objects("errors")) {
            errors.add(new EntryError(error.text("path"), error.text("error")));
        }
        return new DirectorySummary(
                fields.int64("size"),
                fields.int64("files"),
                fields.int64("symlinks"),
                fields.int64("dirs"),
                fields.time("maxTime", Instant.EPOCH),
                fields.text("incomplete"),
                fields.int64("numFailed"),
                fields.int64("numIgnoredErrors"),
                errors);
    }
}
