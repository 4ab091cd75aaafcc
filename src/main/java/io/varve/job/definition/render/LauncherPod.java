package io.varve.job.definition.render;

import static io.varve.kube.mover.MoverSettings.Extras.AUTHORITIES_PATH;

import io.varve.blob.StorageLocation;
import io.varve.job.definition.Definition;
import io.varve.job.definition.Definition.SecretKey;
import io.varve.job.definition.MoverOptions.Resources;
import io.varve.job.definition.StoreKeys;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The pod of a process that works for a definition without a device. */
final class LauncherPod {

    /** Where launchers find the definitions that they run. */
    static final String DEFINITIONS = "/etc/varve/definitions";

    /** May back up, and no more. */
    static final String BACKUP = "launcher-backup";

    /** May move volumes from claim to claim as well. */
    static final String RESTORE = "launcher-restore";

    /** As small images have it; no user of the node. */
    private static final long ORDINARY_USER = 65532;

    private static final Resources STANDARD =
            new Resources(
                    Map.of("cpu", "100m", "memory", "512Mi", "ephemeral-storage", "256Mi"),
                    Map.of("memory", "512Mi", "ephemeral-storage", "1280Mi"));

    private static final Template TEMPLATE = Template.read("pod.yaml");

    private final Definition definition;

    LauncherPod(Definition definition) {
        this.definition = definition;
    }

    /**
     * What the templates need to know of the definition's surroundings: image, database, where pods
     * may run.
     */
    Map<String, Object> values() {
        Definition.Launcher launcher = definition.launcher();
        Map<String, String> nodes = new LinkedHashMap<>(Map.of("kubernetes.io/os", "linux"));
        nodes.putAll(launcher.nodeSelector());
        Map<String, Object> values = new HashMap<>();
        values.put("image", definition.image().orElseThrow());
        values.put("nodeSelector", nodes);
        values.put("tolerations", launcher.tolerations());
        values.put(
                "imagePullSecrets",
                launcher.imagePullSecrets().stream().map(name -> Map.of("name", name)).toList());
        values.put("databaseUrl", definition.database().url());
        values.put("databaseUser", tree(definition.database().user()));
        values.put("databasePassword", tree(definition.database().password()));
        values.putAll(MountedVolume.values(authorities().stream().toList()));
        return values;
    }

    /**
     * The pod's spec.
     *
     * @param account that it has a token of
     * @param arguments of the program
     * @param configMap that holds the definition, for who reads it
     */
    Object spec(String account, List<String> arguments, Optional<String> configMap) {
        Resources wanted = definition.launcher().resources();
        boolean standard = wanted.requests().isEmpty() && wanted.limits().isEmpty();
        Map<String, Object> values = new HashMap<>(values());
        values.putAll(user());
        values.put("account", account);
        values.put("arguments", arguments);
        values.put("repository", definition.repository().location());
        values.put("repositoryPassword", tree(definition.repository().password()));
        values.put("bucketKeys", bucketKeys());
        values.put("resources", tree(standard ? STANDARD : wanted));
        values.putAll(MountedVolume.values(volumes(configMap)));
        return TEMPLATE.fill(values).getFirst();
    }

    private List<Object> bucketKeys() {
        return StoreKeys.variables(definition.repository().credentials()).entrySet().stream()
                .map(each -> variable(each.getKey(), each.getValue()))
                .toList();
    }

    private static Object variable(String name, SecretKey key) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("name", name);
        tree.put("valueFrom", Map.of("secretKeyRef", tree(key)));
        return tree;
    }

    private Map<String, Object> user() {
        boolean folder = definition.repository().claim().isPresent();
        long user = user(definition);
        boolean shared = folder && user != 0;
        return Map.of(
                "user",
                user,
                "runAsNonRoot",
                user == 0 ? Optional.empty() : Optional.of(true),
                "fsGroup",
                shared ? Optional.of(user) : Optional.empty(),
                "fsGroupChangePolicy",
                shared ? Optional.of("OnRootMismatch") : Optional.empty());
    }

    /**
     * A folder belongs to the user who made it: launchers must be the user that movers are, even if
     * that is root. Without a folder any user does.
     */
    static long user(Definition definition) {
        long mover =
                definition.mover().runAs().equals("root")
                        ? 0
                        : definition.mover().user().orElseThrow();
        return definition.repository().claim().isPresent() ? mover : ORDINARY_USER;
    }

    private List<MountedVolume> volumes(Optional<String> configMap) {
        List<MountedVolume> volumes = new ArrayList<>();
        configMap
                .map(name -> MountedVolume.ofConfigMap("definition", DEFINITIONS, name))
                .ifPresent(volumes::add);
        authorities().ifPresent(volumes::add);
        definition
                .repository()
                .claim()
                .map(claim -> MountedVolume.ofClaim("repository", folder().toString(), claim))
                .ifPresent(volumes::add);
        return volumes;
    }

    private Optional<MountedVolume> authorities() {
        return definition
                .mover()
                .authorities()
                .map(name -> MountedVolume.ofConfigMap("authorities", AUTHORITIES_PATH, name));
    }

    private Path folder() {
        return switch (StorageLocation.parse(definition.repository().location())) {
            case StorageLocation.Folder(Path path) -> path;
            case StorageLocation.ObjectStore store ->
                    throw new IllegalArgumentException(store + " lies in no claim");
        };
    }

    private static Object tree(SecretKey key) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("name", key.secret());
        tree.put("key", key.key());
        return tree;
    }

    private static Object tree(Resources resources) {
        Map<String, Object> tree = new LinkedHashMap<>();
        tree.put("requests", new TreeMap<>(resources.requests()));
        tree.put("limits", new TreeMap<>(resources.limits()));
        return tree;
    }
}
