package io.varve.kube.api;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;

/** What controllers and kubelets complain of, about one object. */
public final class ObjectEvents {

    /** The last ones say what is in the way now; older ones repeat it. */
    private static final int MOST = 3;

    private final ClusterApi api;

    public ObjectEvents(ClusterApi api) {
        this.api = api;
    }

    /** The latest warnings, the newest first, as {@code reason: message}. */
    public List<String> warnings(HasMetadata object) throws IOException {
        String namespace = Kind.namespace(object);
        return api
                .list(
                        Kind.EVENT,
                        namespace.isEmpty() ? "default" : namespace,
                        "",
                        "type=Warning,involvedObject.uid=" + object.getMetadata().getUid())
                .stream()
                .sorted(Comparator.comparing(ObjectEvents::time).reversed())
                .map(event -> "%s: %s".formatted(event.getReason(), event.getMessage()))
                .distinct()
                .limit(MOST)
                .toList();
    }

    /** RFC 3339 in UTC, in whichever field the reporter has put it: texts compare as times do. */
    private static String time(Event event) {
        if (event.getLastTimestamp() != null) {
            return event.getLastTimestamp();
        }
        return event.getEventTime() != null && event.getEventTime().getTime() != null
                ? event.getEventTime().getTime()
                : String.valueOf(event.getMetadata().getCreationTimestamp());
    }
}
