package io.varve.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.varve.cluster.ClusterStorage;
import io.varve.cluster.ClusterStorage.Part;
import io.varve.cluster.ControlPlane;
import io.varve.cluster.Waiting;
import io.varve.kube.AccessRule.Scope;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.Identity;
import io.varve.kube.api.Repetition;
import io.varve.kube.api.RunObjects;
import io.varve.kube.api.Waits;
import io.varve.kube.claim.ClaimState;
import io.varve.kube.claim.Claims;
import io.varve.kube.claim.SourceClaim;
import io.varve.kube.snapshot.SnapshotSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A namespace of Varve's, one of a tenant, and a CSI driver with classes, on a real control plane.
 * Varve has the rights that {@link BackupAccess} lists and no others. Safe for many threads;
 * closing it ends the driver.
 */
public final class BackupCluster implements AutoCloseable {

    public static final BooleanSupplier NEVER = () -> false;

    /** Long enough for what comes, on a busy machine as well. */
    public static final Waits PATIENT = waits(Duration.ofSeconds(90));

    /** For what never comes. */
    public static final Waits IMPATIENT = waits(Duration.ofSeconds(2));

    public static final SnapshotSettings SETTINGS =
            new SnapshotSettings(Optional.empty(), Duration.ofSeconds(90), Map.of());

    private final ControlPlane plane;
    private final ClusterStorage storage;
    private final Identity identity;
    private final String tenant;
    private final Path kubeconfig;
    private final ClusterApi api;

    private BackupCluster(ControlPlane plane, ClusterStorage storage, String tenant)
            throws IOException {
        this.plane = plane;
        this.storage = storage;
        this.tenant = tenant;
        String namespace = plane.newNamespace("varve");
        // Its own: the sweeps of other tests on the same control plane leave its objects alone.
        this.identity = new Identity(namespace, "installation-of-" + namespace, "launcher");
        RenderedAccess.grant(plane.admin(), identity, List.of(tenant));
        this.kubeconfig = plane.kubeconfigFor(identity.namespace(), identity.serviceAccount());
        this.api = api(PATIENT, new Interceptor() {});
    }

    public static BackupCluster start(ControlPlane plane, Path folder) throws IOException {
        String tenant = plane.newNamespace("tenant");
        ClusterStorage storage =
                ClusterStorage.start(plane, tenant + ".csi.example", folder, "--capable");
        try {
            return new BackupCluster(plane, storage, tenant);
        } catch (IOException | RuntimeException e) {
            try (storage) {
                throw e;
            }
        }
    }

    /** Adds the rights of a restore into the tenant's namespace. */
    public BackupCluster allowRestore() {
        RenderedAccess.add(
                plane.admin(), identity, List.of(tenant), RestoreAccess.RULES, "-restore");
        return this;
    }

    /** Those of a claim's namespace for all namespaces, also those that are not there yet. */
    public BackupCluster allowRestoreAnywhere() {
        List<AccessRule> everywhere =
                Stream.concat(RestoreAccess.RULES.stream(), Stream.of(RestoreAccess.NEW_NAMESPACE))
                        .filter(
                                rule ->
                                        rule.scope() == Scope.SOURCE
                                                || rule.equals(RestoreAccess.NEW_NAMESPACE))
                        .map(
                                rule ->
                                        new AccessRule(
                                                rule.group(),
                                                rule.resource(),
                                                rule.verbs(),
                                                Scope.CLUSTER))
                        .toList();
        RenderedAccess.add(plane.admin(), identity, List.of(), everywhere, "-anywhere");
        return this;
    }

    private static Waits waits(Duration limit) {
        return new Waits(limit, limit, limit, Duration.ofMillis(50));
    }

    /** With the rights of a backup. The cluster closes it. */
    public ClusterApi api() {
        return api;
    }

    /** The caller closes it. */
    public ClusterApi api(Waits waits, Interceptor interceptor) {
        return api(kubeconfig, identity, waits, interceptor);
    }

    /** As a command connects. The caller closes it. */
    public Cluster connect() throws IOException {
        return Cluster.connect(
                new ClusterSettings(
                        Optional.of(kubeconfig),
                        namespace(),
                        identity.installation(),
                        identity.serviceAccount(),
                        PATIENT));
    }

    /** With another ServiceAccount's rights. The caller closes it. */
    public ClusterApi apiOf(Identity other) throws IOException {
        return api(
                plane.kubeconfigFor(other.namespace(), other.serviceAccount()),
                other,
                PATIENT,
                new Interceptor() {});
    }

    private static ClusterApi api(
            Path kubeconfig, Identity identity, Waits waits, Interceptor interceptor) {
        Config config = Config.fromKubeconfig(kubeconfig.toFile());
        config.setRequestRetryBackoffLimit(0);
        return new ClusterApi(
                new KubernetesClientBuilder()
                        .withConfig(config)
                        .withHttpClientBuilderConsumer(
                                http -> http.addOrReplaceInterceptor("test", interceptor))
                        .build(),
                identity,
                waits,
                Repetition.NONE);
    }

    public ClusterApi impatient() {
        return api(IMPATIENT, new Interceptor() {});
    }

    /** May do everything. */
    public KubernetesClient admin() {
        return plane.admin();
    }

    /** Where the claims are that are backed up. */
    public String tenant() {
        return tenant;
    }

    public String namespace() {
        return identity.namespace();
    }

    public Path kubeconfig() {
        return kubeconfig;
    }

    public Identity identity() {
        return identity;
    }

    public String driver() {
        return storage.driver();
    }

    /** What runs the driver. */
    public ClusterStorage storage() {
        return storage;
    }

    /** Handles of all snapshots in the storage. */
    public List<String> snapshots() throws IOException {
        return storage.control(Part.DRIVER).snapshots().findValuesAsString("id");
    }

    public List<String> volumes() throws IOException {
        return storage.control(Part.DRIVER).volumes().findValuesAsString("id");
    }

    public void behave(String json) throws IOException {
        storage.control(Part.DRIVER).behave(json);
    }

    public static RunObjects newRun() {
        return new RunObjects(
                UUID.randomUUID().toString(), "nightly", UUID.randomUUID().toString(), "repo-1");
    }

    /**
     * A new storage class of the driver, named after it with a suffix.
     *
     * @param reclaim Delete or Retain
     */
    public String storageClass(String suffix, String reclaim) {
        String name = driver() + suffix;
        make(
                """
                {apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: %s}, provisioner: %s, reclaimPolicy: %s}
                """
                        .formatted(name, storage.driver(), reclaim));
        return name;
    }

    public String snapshotClass(String suffix, String policy, boolean isDefault) {
        String name = driver() + suffix;
        make(
                """
                {apiVersion: snapshot.storage.k8s.io/v1, kind: VolumeSnapshotClass, driver: %s, deletionPolicy: %s,
                 metadata: {name: %s, annotations: {snapshot.storage.kubernetes.io/is-default-class: "%s"}}}
                """
                        .formatted(storage.driver(), policy, name, isDefault));
        return name;
    }

    /** A new claim of 4 MiB in Block mode, bound. */
    public SourceClaim claim(String name) throws IOException {
        make(
                """
                {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {namespace: %s, name: %s, labels: {app: shop}},
                 spec: {storageClassName: %s, volumeMode: Block, accessModes: [ReadWriteOnce], resources: {requests: {storage: 4Mi}}}}
                """
                        .formatted(tenant, name, driver()));
        return Waiting.until(
                "claim " + name,
                () ->
                        new Claims(api).find(tenant, name)
                                        instanceof ClaimState.Ready(SourceClaim claim)
                                ? Optional.of(claim)
                                : Optional.empty());
    }

    public HasMetadata make(String yaml) {
        // Without the dashes it is taken for JSON, whose names are quoted.
        return plane.admin().resource("---\n" + yaml).create();
    }

    @Override
    public void close() throws IOException {
        try (storage) {
            api.close();
        }
    }
}
