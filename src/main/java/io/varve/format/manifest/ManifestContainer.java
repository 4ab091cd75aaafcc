package io.varve.format.manifest;

import io.varve.format.CorruptFormatException;
import io.varve.format.json.JsonFields;
import io.varve.format.json.JsonText;
import io.varve.format.json.Rfc3339;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The content that manifest entries are stored in, with prefix {@link #CONTENT_PREFIX}: gzip of
 *
 * <pre>{"entries":[{"id":…,"labels":{…},"modified":…,"deleted":true,"data":…},…]}</pre>
 *
 * <p>and a newline. One container that cannot be read makes a repository unusable for kopia, and it
 * is stricter here than elsewhere: {@code entries} must be an array and come once, and beside it
 * stand only strings. So it is here.
 */
public final class ManifestContainer {

    /** Prefix of contents that hold manifest entries. */
    public static final char CONTENT_PREFIX = 'm';

    /** Entries are read one by one: behind each of them more follows. */
    private static final JsonMapper JSON =
            JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    private static final String ENTRIES = "entries";

    private ManifestContainer() {}

    /** The container of {@code entries}. */
    public static byte[] encode(List<ManifestEntry> entries) {
        String json =
                JsonText.compact(
                        out -> {
                            out.writeStartObject().writeArrayPropertyStart(ENTRIES);
                            entries.forEach(entry -> write(out, entry));
                            out.writeEndArray().writeEndObject();
                        });
        ByteArrayOutputStream sealed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(sealed)) {
            gzip.write((json + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException impossible) {
            throw new UncheckedIOException("memory does not fail", impossible);
        }
        return sealed.toByteArray();
    }

    /**
     * The entries of a container, in the order stored.
     *
     * @param sealed the content's plain bytes; the position stays
     * @param what names the content in messages
     */
    public static List<ManifestEntry> decode(ByteBuffer sealed, String what)
            throws CorruptFormatException {
        String thing = "manifest content " + what;
        byte[] bytes = new byte[sealed.remaining()];
        sealed.get(sealed.position(), bytes);
        try (Reader text =
                        new InputStreamReader(
                                new GZIPInputStream(new ByteArrayInputStream(bytes)),
                                StandardCharsets.UTF_8);
                JsonParser json = JSON.createParser(text)) {
            return read(json, thing);
        } catch (JacksonIOException problem) {
            throw new CorruptFormatException(thing, 0, "no gzip stream", problem);
        } catch (JacksonException problem) {
            throw JsonFields.notJson(thing, problem);
        } catch (ZipException | EOFException problem) {
            throw new CorruptFormatException(thing, 0, "no gzip stream", problem);
        } catch (CorruptFormatException problem) {
            throw problem;
        } catch (IOException impossible) {
            throw new UncheckedIOException("memory does not fail", impossible);
        }
    }

    private static void write(JsonGenerator out, ManifestEntry entry) {
        out.writeStartObject().writeStringProperty("id", entry.id());
        if (entry.labels().isEmpty()) {
            out.writeNullProperty("labels");
        } else {
            out.writeObjectPropertyStart("labels");
            entry.labels().forEach(out::writeStringProperty);
            out.writeEndObject();
        }
        out.writeStringProperty("modified", Rfc3339.format(entry.modified()));
        if (entry.deleted()) {
            out.writeBooleanProperty("deleted", true);
        }
        out.writeName("data");
        out.writeRawValue(entry.data());
        out.writeEndObject();
    }

    private static List<ManifestEntry> read(JsonParser json, String what)
            throws CorruptFormatException {
        List<ManifestEntry> entries = new ArrayList<>();
        boolean sawEntries = false;
        expect(json, json.nextToken(), JsonToken.START_OBJECT, "an object", what);
        for (String key = json.nextName(); key != null; key = json.nextName()) {
            JsonToken value = json.nextToken();
            if (!key.equals(ENTRIES)) {
                expect(json, value, JsonToken.VALUE_STRING, "a string as '" + key + "'", what);
            } else if (sawEntries) {
                throw corrupt(json, "'entries' comes twice", what);
            } else {
                sawEntries = true;
                expect(json, value, JsonToken.START_ARRAY, "an array of entries", what);
                readEntries(json, what, entries);
            }
        }
        if (json.nextToken() != null) {
            throw corrupt(json, "something follows the object", what);
        }
        return entries;
    }

    private static void readEntries(JsonParser json, String what, List<ManifestEntry> entries)
            throws CorruptFormatException {
        while (json.nextToken() != JsonToken.END_ARRAY) {
            expect(json, json.currentToken(), JsonToken.START_OBJECT, "an entry", what);
            JsonFields fields = JsonFields.of(JSON.readTree(json), what);
            if (fields.text("id").isEmpty()) {
                throw fields.wrong("id", "a manifest id");
            }
            Map<String, String> labels = fields.textMap("labels");
            entries.add(
                    new ManifestEntry(
                            fields.text("id"),
                            labels,
                            fields.time("modified", Rfc3339.ZERO),
                            fields.flag("deleted"),
                            fields.json("data")));
        }
    }

    private static void expect(
            JsonParser json, JsonToken found, JsonToken expected, String meaning, String what)
            throws CorruptFormatException {
        if (found != expected) {
            throw corrupt(json, "%s instead of %s".formatted(found, meaning), what);
        }
    }

    private static CorruptFormatException corrupt(JsonParser json, String problem, String what) {
        return new CorruptFormatException(
                what, Math.max(0, json.currentLocation().getCharOffset()), problem);
    }
}
