package io.varve.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the API server was asked, a JSON document a line. */
public final class AuditLog {

    private static final JsonMapper JSON = new JsonMapper();

    private final Path file;

    AuditLog(Path file) {
        this.file = file;
    }

    /**
     * An answered request to an object or to a kind, in the words of RBAC. Empty where it has none.
     *
     * @param resource with its subresource, such as {@code serviceaccounts/token}
     * @param status of the answer, such as 201 or 403
     */
    public record Request(
            String verb,
            String group,
            String resource,
            String namespace,
            String name,
            int status) {}

    /**
     * All requests of a user that were answered when this was called. Requests for paths that are
     * no resource, such as {@code /version}, are left out.
     *
     * @param user such as {@code system:serviceaccount:NAMESPACE:NAME}
     */
    public List<Request> requestsOf(String user) throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            // The last line may be in the writing.
            return lines.filter(line -> line.contains(user) && line.endsWith("}"))
                    .map(JSON::readTree)
                    .filter(event -> event.at("/user/username").asString("").equals(user))
                    .filter(event -> event.at("/stage").asString("").equals("ResponseComplete"))
                    .filter(event -> event.has("objectRef"))
                    .map(AuditLog::request)
                    .toList();
        }
    }

    private static Request request(JsonNode event) {
        JsonNode object = event.get("objectRef");
        String subresource = text(object, "subresource");
        return new Request(
                event.get("verb").asString(),
                text(object, "apiGroup"),
                text(object, "resource") + (subresource.isEmpty() ? "" : "/" + subresource),
                text(object, "namespace"),
                text(object, "name"),
                event.at("/responseStatus/code").asInt());
    }

    private static String text(JsonNode object, String field) {
        return object.path(field).asString("");
    }
}
