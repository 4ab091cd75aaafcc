package io.varve.job.definition;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** How a definition wants its movers' pods. */
public record MoverOptions(
        String runAs,
        OptionalLong user,
        OptionalLong group,
        Map<String, String> nodeSelector,
        Map<String, Object> affinity,
        List<Map<String, Object>> tolerations,
        Optional<String> priorityClass,
        boolean spreadByHostname,
        Resources resources,
        String temporary,
        Optional<Cache> cache,
        Map<String, String> labels,
        Map<String, String> annotations,
        List<String> imagePullSecrets,
        Map<String, String> environment,
        Optional<String> authorities,
        Map<String, Object> pod) {

    /** Of a container. */
    public record Resources(Map<String, String> requests, Map<String, String> limits) {}

    /**
     * Where the repository's cache lies.
     *
     * @param storageClass of an ephemeral volume; empty for a folder of the node
     */
    public record Cache(String size, Optional<String> storageClass) {}
}
