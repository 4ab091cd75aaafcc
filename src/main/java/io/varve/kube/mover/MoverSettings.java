package io.varve.kube.mover;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** How a mover's pod is made. What has no record of its own here is taken as Kubernetes has it. */
public record MoverSettings(
        String image,
        String serviceAccount,
        RunAs runAs,
        Placement placement,
        Resources resources,
        Extras extras) {

    /**
     * Where it may run. Always on Linux.
     *
     * @param affinity, tolerations as in a pod's spec
     * @param priorityClass empty for none
     * @param spreadByHostname movers of one installation keep apart if they can
     */
    public record Placement(
            Map<String, String> nodeSelector,
            Map<String, Object> affinity,
            List<Map<String, Object>> tolerations,
            String priorityClass,
            boolean spreadByHostname) {
        public static final Placement ANYWHERE =
                new Placement(Map.of(), Map.of(), List.of(), "", false);
    }

    /**
     * @param requests, limits by resource, such as {@code cpu: 500m}
     * @param temporary size limit of {@code /tmp}
     * @param cache where the repository's cache lies; empty for a pod without one
     */
    public record Resources(
            Map<String, String> requests,
            Map<String, String> limits,
            String temporary,
            Optional<CacheVolume> cache) {
        public static final Resources DEFAULT =
                new Resources(Map.of(), Map.of(), "256Mi", Optional.empty());
    }

    /**
     * @param storageClass of an ephemeral volume; without it and a claim, a folder of the node with
     *     a size limit
     * @param claim that is mounted instead; the size is not its
     */
    public record CacheVolume(
            String path, String size, Optional<String> storageClass, Optional<String> claim) {}

    /**
     * @param environment such as proxies; a mover's own variables win
     * @param authorities name of a ConfigMap of which each key is a PEM file, mounted at {@link
     *     #AUTHORITIES_PATH}
     * @param podFields of the pod's spec, taken as they are; those of {@link #POD_FIELDS}, no
     *     others
     */
    public record Extras(
            Map<String, String> labels,
            Map<String, String> annotations,
            List<String> imagePullSecrets,
            Map<String, String> environment,
            Optional<String> authorities,
            Map<String, Object> podFields) {
        public static final String AUTHORITIES_PATH = "/etc/varve/authorities";

        /** The fields of a pod's spec that may be set. */
        public static final Set<String> POD_FIELDS =
                Set.of(
                        "dnsPolicy",
                        "dnsConfig",
                        "hostAliases",
                        "runtimeClassName",
                        "schedulerName");

        public static final Extras NONE =
                new Extras(Map.of(), Map.of(), List.of(), Map.of(), Optional.empty(), Map.of());
    }

    /** Root anywhere, with nothing asked of the cluster. */
    public static MoverSettings of(String image, String serviceAccount) {
        return new MoverSettings(
                image,
                serviceAccount,
                new RunAs.Root(),
                Placement.ANYWHERE,
                Resources.DEFAULT,
                Extras.NONE);
    }
}
