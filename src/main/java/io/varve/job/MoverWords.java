package io.varve.job;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a mover's pod left for whoever looks at it, put for people. */
final class MoverWords {

    private MoverWords() {}

    /**
     * Why it failed. A mover that could still speak left a document; of one that could not,
     * Kubernetes has the end of its log, of which a line may be one too.
     *
     * @param message of the pod
     * @return empty if it says nothing
     */
    static String sentence(String message) {
        String last = message.strip();
        last = last.substring(last.lastIndexOf('\n') + 1);
        try {
            JsonNode document = JsonMapper.shared().readTree(last);
            return document.isObject() ? document.path("message").asString("") : message;
        } catch (JacksonException e) {
            return message;
        }
    }
}
