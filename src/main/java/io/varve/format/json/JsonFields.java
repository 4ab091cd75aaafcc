package io.varve.format.json;

import io.varve.format.CorruptFormatException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One JSON object with the leniency and the strictness of Go's decoder. A field that is absent or
 * null reads as its type's zero value; a field of another type than asked for is corrupt. Immutable
 * and safe for many threads.
 */
public final class JsonFields {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static final int SHOWN_CHARACTERS = 80;

    private final String what;
    private final String path;
    private final Map<String, JsonNode> fields = new HashMap<>();

    private JsonFields(JsonNode object, String what, String path) {
        this.what = what;
        this.path = path;
        for (Map.Entry<String, JsonNode> field : object.properties()) {
            if (!field.getValue().isNull()) {
                fields.put(lowerCase(field.getKey()), field.getValue());
            }
        }
    }

    /**
     * Parses the remaining bytes of {@code json}, which keeps its position. Bytes that are not
     * UTF-8 read as U+FFFD.
     *
     * @param what names the thing in messages
     */
    public static JsonFields parse(ByteBuffer json, String what) throws CorruptFormatException {
        return parse(StandardCharsets.UTF_8.decode(json.duplicate()).toString(), what);
    }

    /** As {@link #parse(ByteBuffer, String)}. */
    public static JsonFields parse(String json, String what) throws CorruptFormatException {
        try {
            return of(JSON.readTree(json), what);
        } catch (JacksonException problem) {
            throw notJson(what, problem);
        }
    }

    /** The fields of {@code node}, which must be an object. */
    public static JsonFields of(JsonNode node, String what) throws CorruptFormatException {
        if (!node.isObject()) {
            throw new CorruptFormatException(what, 0, "not a JSON object");
        }
        return new JsonFields(node, what, "");
    }

    /** The exception for text that is no JSON, with the place where it stops to be. */
    public static CorruptFormatException notJson(String what, JacksonException problem) {
        long offset = problem.getLocation() == null ? 0 : offset(problem);
        return new CorruptFormatException(
                what, offset, "not JSON: " + problem.getOriginalMessage(), problem);
    }

    private static long offset(JacksonException problem) {
        long bytes = problem.getLocation().getByteOffset();
        return Math.max(0, bytes >= 0 ? bytes : problem.getLocation().getCharOffset());
    }

    /** Whether the field is there and not null. */
    public boolean has(String key) {
        return fields.containsKey(lowerCase(key));
    }

    /** A string; empty if absent. */
    public String text(String key) throws CorruptFormatException {
        JsonNode node = fields.get(lowerCase(key));
        return node == null ? "" : text(key, node);
    }

    /** An integer from {@code min} to {@code max}; 0 if absent. */
    public long integer(String key, long min, long max) throws CorruptFormatException {
        JsonNode node = fields.get(lowerCase(key));
        if (node == null) {
            return 0;
        }
        if (!node.isIntegralNumber() || !isWithin(node.bigIntegerValue(), min, max)) {
            throw wrong(key, node, "an integer from %d to %d".formatted(min, max));
        }
        return node.longValue();
    }

    /** An integer of 32 bits; 0 if absent. */
    public int int32(String key) throws CorruptFormatException {
        return (int) integer(key, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    /** An integer of 64 bits; 0 if absent. */
    public long int64(String key) throws CorruptFormatException {
        return integer(key, Long.MIN_VALUE, Long.MAX_VALUE);
    }

    /** A duration, stored as nanoseconds; zero if absent. */
    public Duration duration(String key) throws CorruptFormatException {
        return Duration.ofNanos(int64(key));
    }

    /** A boolean; false if absent. */
    public boolean flag(String key) throws CorruptFormatException {
        JsonNode node = fields.get(lowerCase(key));
        if (node != null && !node.isBoolean()) {
            throw wrong(key, node, "a boolean");
        }
        return node != null && node.booleanValue();
    }

    /** A time; {@code absent} if there is none. */
    public Instant time(String key, Instant absent) throws CorruptFormatException {
        JsonNode node = fields.get(lowerCase(key));
        if (node == null) {
            return absent;
        }
        return Rfc3339.parse(text(key, node))
                .orElseThrow(() -> wrong(key, node, "an RFC 3339 time with seconds and zone"));
    }

    /** Bytes in padded base64; empty if absent. The message of a failure does not show them. */
    public byte[] base64(String key) throws CorruptFormatException {
        JsonNode node = fields.get(lowerCase(key));
        if (node == null) {
            return new byte[0];
        }
        if (node.isString()) {
            try {
                return Base64.getDecoder().decode(node.stringValue());
            } catch (IllegalArgumentException notBase64) {
                // Its message quotes a character of what may be a key.
            }
        }
        throw new CorruptFormatException(
                what, 0, "field '%s%s' is no string of base64".formatted(path, key));
    }

    /** An object, if it is there. */
    public Optional<JsonFields> object(String key) throws CorruptFormatException {
        JsonNode node = fields.get(lowerCase(key));
        return node == null ? Optional.empty() : Optional.of(object(key, node));
    }

    /** An array of objects; empty if absent. */
    public List<JsonFields> objects(String key) throws CorruptFormatException {
        List<JsonFields> objects = new ArrayList<>();
        for (JsonNode element : array(key)) {
            objects.add(object(key + "[" + objects.size() + "]", element));
        }
        return objects;
    }

    /** An array of strings; empty if absent. */
    public List<String> texts(String key) throws CorruptFormatException {
        List<String> texts = new ArrayList<>();
        for (JsonNode element : array(key)) {
            texts.add(text(key + "[" + texts.size() + "]", element));
        }
        return texts;
    }

    /** An object whose values are strings, sorted by key as Go writes it; empty if absent. */
    public Map<String, String> textMap(String key) throws CorruptFormatException {
        Map<String, String> map = new TreeMap<>();
        JsonNode node = fields.get(lowerCase(key));
        if (node == null) {
            return map;
        }
        if (!node.isObject()) {
            throw wrong(key, node, "an object");
        }
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            boolean isNull = entry.getValue().isNull();
            map.put(
                    entry.getKey(),
                    isNull ? "" : text(key + "." + entry.getKey(), entry.getValue()));
        }
        return map;
    }

    /** Any value, as compact JSON text; {@code null} as text if absent. */
    public String json(String key) {
        JsonNode node = fields.get(lowerCase(key));
        return node == null ? "null" : node.toString();
    }

    /** The exception for a field that is well formed but means nothing. */
    public CorruptFormatException wrong(String key, String expected) {
        JsonNode node = fields.get(lowerCase(key));
        if (node == null) {
            return new CorruptFormatException(
                    what, 0, "field '%s%s' is absent, not %s".formatted(path, key, expected));
        }
        return wrong(key, node, expected);
    }

    private JsonNode array(String key) throws CorruptFormatException {
        JsonNode node = fields.get(lowerCase(key));
        if (node == null) {
            return JSON.createArrayNode();
        }
        if (!node.isArray()) {
            throw wrong(key, node, "an array");
        }
        return node;
    }

    private JsonFields object(String key, JsonNode node) throws CorruptFormatException {
        if (!node.isObject()) {
            throw wrong(key, node, "an object");
        }
        return new JsonFields(node, what, path + key + ".");
    }

    private String text(String key, JsonNode node) throws CorruptFormatException {
        if (!node.isString()) {
            throw wrong(key, node, "a string");
        }
        return node.stringValue();
    }

    private CorruptFormatException wrong(String key, JsonNode found, String expected) {
        String shown = found.toString();
        if (shown.length() > SHOWN_CHARACTERS) {
            shown = shown.substring(0, SHOWN_CHARACTERS) + "…";
        }
        return new CorruptFormatException(
                what, 0, "field '%s%s' is %s, not %s".formatted(path, key, shown, expected));
    }

    private static boolean isWithin(BigInteger value, long min, long max) {
        return value.compareTo(BigInteger.valueOf(min)) >= 0
                && value.compareTo(BigInteger.valueOf(max)) <= 0;
    }

    private static String lowerCase(String key) {
        return key.toLowerCase(Locale.ROOT);
    }
}
