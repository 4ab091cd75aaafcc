package io.varve.job.definition;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The published schema: checks documents, and fills in what they leave out. */
public final class DefinitionSchema {

    private static final String RESOURCE = "definition-v1.schema.json";

    private final String text;
    private final JsonNode json;
    private final Schema schema;

    DefinitionSchema() {
        try (InputStream in = DefinitionSchema.class.getResourceAsStream(RESOURCE)) {
            this.text =
                    new String(
                            Objects.requireNonNull(in, RESOURCE).readAllBytes(),
                            StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.json = JsonMapper.shared().readTree(text);
        this.schema =
                SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                        .getSchema(json);
    }

    /** The schema as it is published, for editors. */
    public static String text() {
        return new DefinitionSchema().text;
    }

    JsonNode json() {
        return json;
    }

    /** What a document breaks of the schema. */
    List<Problem> check(YamlTree.Parsed document) {
        List<Problem> problems = new ArrayList<>();
        for (Error error : schema.validate(document.json())) {
            String place = error.getInstanceLocation().toString();
            problems.add(
                    "additionalProperties".equals(error.getKeyword())
                            ? unknown(document, place, error.getProperty())
                            : document.tree().at(place, messageOf(error)));
        }
        return problems;
    }

    private static String messageOf(Error error) {
        String message = error.getMessage();
        JsonNode found = error.getInstanceNode();
        return found == null || found.isContainer() ? message : message + ", found " + found;
    }

    private Problem unknown(YamlTree.Parsed document, String place, String field) {
        List<String> known = new ArrayList<>();
        resolve(schemaAt(place)).path("properties").propertyNames().forEach(known::add);
        return document.tree()
                .at(
                        place + "/" + field.replace("~", "~0").replace("/", "~1"),
                        "is not known here; known are " + String.join(", ", known));
    }

    /** What the schema says of a place. */
    private JsonNode schemaAt(String pointer) {
        JsonNode at = json;
        for (String part : pointer.split("/")) {
            if (!part.isEmpty()) {
                JsonNode object = resolve(at);
                JsonNode named = object.path("properties").path(part);
                JsonNode items = object.path("items");
                JsonNode others = object.path("additionalProperties");
                at = named.isMissingNode() ? (items.isMissingNode() ? others : items) : named;
            }
        }
        return at;
    }

    private JsonNode resolve(JsonNode node) {
        String reference = node.path("$ref").asString("");
        return reference.isEmpty() ? node : json.at(reference.substring(1));
    }

    /**
     * Fills in what a valid document leaves out: defaults, empty lists, and objects that require
     * nothing. What remains absent has no value.
     */
    void complete(ObjectNode document) {
        complete(document, json);
    }

    private void complete(JsonNode value, JsonNode schemaOf) {
        JsonNode object = resolve(schemaOf);
        if (value instanceof ObjectNode fields) {
            for (Map.Entry<String, JsonNode> property : object.path("properties").properties()) {
                completeField(fields, property.getKey(), property.getValue());
            }
            JsonNode others = object.path("additionalProperties");
            if (others.isObject()) {
                fields.forEach(child -> complete(child, others));
            }
        } else if (value.isArray()) {
            value.forEach(child -> complete(child, object.path("items")));
        }
    }

    private void completeField(ObjectNode fields, String name, JsonNode property) {
        JsonNode target = resolve(property);
        JsonNode standard =
                property.has("default") ? property.path("default") : target.path("default");
        if (!fields.has(name)) {
            if (!standard.isMissingNode()) {
                fields.set(name, standard);
            } else if (target.path("type").asString("").equals("array")) {
                fields.putArray(name);
            } else if (target.path("type").asString("").equals("object")
                    && !target.has("required")) {
                fields.putObject(name);
            }
        }
        if (fields.has(name)) {
            complete(fields.path(name), property);
        }
    }
}
