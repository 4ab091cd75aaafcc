package io.varve.kube.claim;

/** How an Event is shown. */
public enum EventType {
    NORMAL("Normal"),
    WARNING("Warning");

    private final String text;

    EventType(String text) {
        this.text = text;
    }

    String text() {
        return text;
    }
}
