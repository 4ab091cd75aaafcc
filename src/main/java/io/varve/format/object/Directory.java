package io.varve.format.object;

import io.varve.format.CorruptFormatException;
import io.varve.format.ObjectId;
import io.varve.format.json.JsonFields;
import io.varve.format.json.JsonText;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A directory object, stored as a content with prefix {@link #CONTENT_PREFIX}:
 *
 * <pre>{"stream":"kopia:directory","entries":[…],"summary":{…} or null}</pre>
 *
 * @param entries in the order stored
 */
public record Directory(List<DirectoryEntry> entries, Optional<DirectorySummary> summary) {

    /** Prefix of contents that hold directories. */
    public static final char CONTENT_PREFIX = 'k';

    private static final String STREAM = "kopia:directory";

    public Directory {
        entries = List.copyOf(entries);
    }

    /** The directory's bytes, kopia's own for the same entries. */
    public byte[] encode() {
        String json =
                JsonText.compact(
                        out -> {
                            out.writeStartObject().writeStringProperty("stream", STREAM);
                            if (entries.isEmpty()) {
                                out.writeNullProperty("entries");
                            } else {
                                out.writeArrayPropertyStart("entries");
                                entries.forEach(entry -> entry.writeTo(out));
                                out.writeEndArray();
                            }
                            out.writeName("summary");
                            summary.ifPresentOrElse(
                                    present -> present.writeTo(out), out::writeNull);
                            out.writeEndObject();
                        });
        return (json + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Reads what {@link #encode()} gives; the names of entries may be anything. */
    public static Directory decode(ByteBuffer json, ObjectId id) throws CorruptFormatException {
        String what = "directory " + id;
        JsonFields fields = JsonFields.parse(json, what);
        if (!fields.text("stream").equals(STREAM)) {
            throw fields.wrong("stream", "'" + STREAM + "'");
        }
        List<DirectoryEntry> entries = new ArrayList<>();
        for (JsonFields entry : fields.objects("entries")) {
            entries.add(DirectoryEntry.read(entry));
        }
        Optional<JsonFields> summary = fields.object("summary");
        return new Directory(
                entries,
                summary.isEmpty()
                        ? Optional.empty()
                        : Optional.of(DirectorySummary.read(summary.get())));
    }

    /**
     * Refuses names that would lead out of the directory in which a restore creates them, and names
     * that come twice.
     *
     * @param id names the directory in messages
     */
    public void checkNames(ObjectId id) throws CorruptFormatException {
        Set<String> seen = new HashSet<>();
        for (DirectoryEntry entry : entries) {
            String name = entry.name();
            boolean leadsElsewhere =
                    name.isEmpty()
                            || name.equals(".")
                            || name.equals("..")
                            || name.indexOf('/') >= 0
                            || name.indexOf('\0') >= 0;
            if (leadsElsewhere || !seen.add(name)) {
                throw new CorruptFormatException(
                        "directory " + id,
                        0,
                        "name '%s' %s"
                                .formatted(
                                        name, leadsElsewhere ? "is no file name" : "comes twice"));
            }
        }
    }
}
