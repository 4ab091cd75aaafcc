package io.varve.job.definition.render;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A volume of a pod, and where its container sees it.
 *
 * @param source as a pod's spec has it
 */
record MountedVolume(String name, String path, Map<String, Object> source, boolean readOnly) {

    static MountedVolume ofConfigMap(String name, String path, String configMap) {
        return new MountedVolume(name, path, Map.of("configMap", Map.of("name", configMap)), true);
    }

    static MountedVolume ofClaim(String name, String path, String claim) {
        return new MountedVolume(
                name, path, Map.of("persistentVolumeClaim", Map.of("claimName", claim)), false);
    }

    /** What templates have places for: {@code mounts} and {@code volumes}. */
    static Map<String, Object> values(List<MountedVolume> volumes) {
        return Map.of(
                "mounts", volumes.stream().map(MountedVolume::mount).toList(),
                "volumes", volumes.stream().map(MountedVolume::volume).toList());
    }

    private Object mount() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("name", name);
        tree.put("mountPath", path);
        if (readOnly) {
            tree.put("readOnly", true);
        }
        return tree;
    }

    private Object volume() {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("name", name);
        tree.putAll(source);
        return tree;
    }
}
