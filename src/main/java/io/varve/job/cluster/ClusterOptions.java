package io.varve.job.cluster;

import io.varve.blob.StorageLocation;
import io.varve.job.ClaimBackups;
import io.varve.job.ClaimRestore;
import io.varve.job.MoverOrder;
import io.varve.job.definition.Definition;
import io.varve.job.definition.MoverOptions;
import io.varve.job.definition.StoreKeys;
import io.varve.kube.api.Waits;
import io.varve.kube.claim.SourceClaim;
import io.varve.kube.mover.ClaimMount;
import io.varve.kube.mover.Copies;
import io.varve.kube.mover.ExposeSettings;
import io.varve.kube.mover.MoverCommand;
import io.varve.kube.mover.MoverSettings;
import io.varve.kube.mover.RunAs;
import io.varve.kube.mover.SecretVariable;
import io.varve.kube.restore.ProvisionSettings;
import io.varve.kube.restore.WantedClaim;
import io.varve.kube.snapshot.DriverProfile;
import io.varve.kube.snapshot.SnapshotSettings;
import io.varve.mover.block.TrackingTrust;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What a definition asks of the cluster, in the cluster's terms.
 *
 * @param ownImage of this process, whose movers are of the same version; empty where the definition
 *     says it
 */
public record ClusterOptions(Definition definition, Optional<String> ownImage) {

    /** Where a mover finds its volume. */
    static final String DEVICE = "/dev/varve/volume";

    /** Nothing is bound to it, and its pods get no token. */
    private static final String MOVER_ACCOUNT = "mover";

    /** Between the first two looks at something that is waited for. */
    private static final Duration POLL = Duration.ofMillis(500);

    private static final String CACHE = "/cache";

    /** Read by every JVM's launcher, before the words of the image's entry point. */
    private static final String JVM_OPTIONS = "JDK_JAVA_OPTIONS";

    private static final String VECTORS = "--add-modules=jdk.incubator.vector";

    /** A mover's pod where the definition does not say; a limit on memory is what bounds it. */
    private static final MoverOptions.Resources STANDARD =
            new MoverOptions.Resources(
                    Map.of("cpu", "500m", "memory", "576Mi"), Map.of("memory", "576Mi"));

    /** How long others are waited for. */
    public Waits waits() {
        Definition.Limits limits = definition.limits();
        return new Waits(
                duration(limits.snapshotReady()),
                duration(limits.prepare()),
                duration(limits.gone()),
                POLL);
    }

    /** How runs are carried out. */
    ClaimBackups.Settings settings(Optional<String> origin) {
        return new ClaimBackups.Settings(
                origin,
                waits().prepare(),
                stall(),
                definition.limits().volume().map(ClusterOptions::duration));
    }

    TrackingTrust trust() {
        return new TrackingTrust(
                definition.compareEvery(), Set.copyOf(definition.trackingTrusted()));
    }

    Duration stall() {
        return duration(definition.limits().stall());
    }

    /** How many claims are backed up at once, and when their VolumeSnapshots are taken. */
    ClaimQueue.Limits atOnce() {
        return new ClaimQueue.Limits(
                definition.concurrency().total(),
                definition.concurrency().maxPrepared(),
                definition.snapshot().when().equals("early"));
    }

    /** Volumes that are worked on at once: some are moved, others wait for it. */
    public int volumesAtOnce() {
        return definition.concurrency().maxPrepared();
    }

    /** As the schema has it, {@code 1h30m}. */
    private static Duration duration(String text) {
        return Duration.parse("PT" + text.toUpperCase(Locale.ROOT));
    }

    SnapshotSettings snapshot() {
        return new SnapshotSettings(
                definition.snapshot().snapshotClass(), waits().snapshotReady(), drivers());
    }

    DriverProfile driver(String name) {
        return snapshot().profile(name);
    }

    private Map<String, DriverProfile> drivers() {
        return definition.drivers().entrySet().stream()
                .collect(
                        Collectors.toMap(
                                Map.Entry::getKey,
                                entry ->
                                        new DriverProfile(
                                                entry.getValue().needsBase(),
                                                entry.getValue().changeIdAnnotation())));
    }

    ExposeSettings expose(SourceClaim claim) {
        Definition.StorageClass mapped = definition.storageClasses().get(claim.storageClass());
        return mapped == null
                ? ExposeSettings.DEFAULT
                : new ExposeSettings(
                        mapped.temporaryClass(),
                        mapped.readOnly(),
                        mapped.readWriteOncePod(),
                        mapped.annotations(),
                        copies(claim.storageClass()));
    }

    /** What is copied for claims of a class. */
    Copies copies(String storageClass) {
        Definition.StorageClass mapped = definition.storageClasses().get(storageClass);
        return mapped == null
                ? Copies.NONE
                : new Copies(mapped.copySecrets(), mapped.copyConfigMaps());
    }

    ProvisionSettings provision(ClaimRestore restore) {
        Definition.StorageClass mapped =
                definition
                        .storageClasses()
                        .get(restore.wanted().map(WantedClaim::storageClass).orElse(""));
        return mapped == null
                ? new ProvisionSettings(restore.node(), false, Map.of())
                : new ProvisionSettings(
                        restore.node(), mapped.readWriteOncePod(), mapped.annotations());
    }

    /** Names of what is copied from the claims' namespaces. */
    List<String> copiedSecrets() {
        return distinct(Definition.StorageClass::copySecrets);
    }

    List<String> copiedConfigMaps() {
        return distinct(Definition.StorageClass::copyConfigMaps);
    }

    private List<String> distinct(Function<Definition.StorageClass, List<String>> names) {
        return definition.storageClasses().values().stream()
                .flatMap(mapped -> names.apply(mapped).stream())
                .distinct()
                .sorted()
                .toList();
    }

    MoverCommand command(MoverOrder order) {
        List<String> all = new ArrayList<>(order.arguments());
        all.addAll(List.of("--device", DEVICE, "--log-format", "json"));
        Map<String, String> environment = new LinkedHashMap<>();
        environment.putAll(folders());
        environment.put("VARVE_REPOSITORY", definition.repository().location());
        environment.put("VARVE_DATABASE_URL", definition.database().url());
        environment.put("VARVE_STREAMS", Integer.toString(definition.concurrency().streams()));
        environment.put("VARVE_PER_NODE", Integer.toString(definition.concurrency().perNode()));
        environment.putAll(limits());
        if (order.vectors() && !definition.mover().environment().containsKey(JVM_OPTIONS)) {
            environment.put(JVM_OPTIONS, VECTORS);
        }
        return new MoverCommand(all, environment, secrets(), DEVICE, mounts());
    }

    /** A claim that pods share holds only what they can do without: copies of blobs. */
    private Map<String, String> folders() {
        Optional<MoverOptions.Cache> cache = definition.mover().cache();
        boolean shared = cache.flatMap(MoverOptions.Cache::claim).isPresent();
        long copies = cache.map(MoverOptions.Cache::bytesOfCopies).orElse(0L);
        Map<String, String> folders = new LinkedHashMap<>();
        folders.put("VARVE_HOME", cache.isPresent() && !shared ? CACHE : "/tmp/varve");
        folders.put("VARVE_CACHE_SIZE", Long.toString(copies));
        if (shared) {
            folders.put("VARVE_CACHE", CACHE);
        }
        return folders;
    }

    /** Of bandwidth, and by which time they are meant. */
    private Map<String, String> limits() {
        Map<String, String> limits = new LinkedHashMap<>();
        Definition.Repository repository = definition.repository();
        repository.limitUpload().ifPresent(rate -> limits.put("VARVE_LIMIT_UPLOAD", rate));
        repository.limitDownload().ifPresent(rate -> limits.put("VARVE_LIMIT_DOWNLOAD", rate));
        definition
                .schedule()
                .filter(_ -> !limits.isEmpty())
                .ifPresent(schedule -> limits.put("TZ", schedule.timeZone()));
        return limits;
    }

    private List<SecretVariable> secrets() {
        List<SecretVariable> secrets = new ArrayList<>();
        secrets.add(secret("VARVE_PASSWORD", definition.repository().password()));
        secrets.add(secret("VARVE_DATABASE_USER", definition.database().user()));
        secrets.add(secret("VARVE_DATABASE_PASSWORD", definition.database().password()));
        StoreKeys.variables(definition.repository().credentials())
                .forEach((name, key) -> secrets.add(secret(name, key)));
        return secrets;
    }

    private static SecretVariable secret(String variable, Definition.SecretKey key) {
        return new SecretVariable(variable, key.secret(), key.key());
    }

    /** A folder lies in a claim that is mounted where launchers have it too. */
    private List<ClaimMount> mounts() {
        return switch (StorageLocation.parse(definition.repository().location())) {
            case StorageLocation.Folder(var path) ->
                    definition.repository().claim().stream()
                            .map(claim -> new ClaimMount(claim, path.toString(), false))
                            .toList();
            case StorageLocation.ObjectStore _ -> List.of();
        };
    }

    MoverSettings mover() {
        MoverOptions mover = definition.mover();
        return new MoverSettings(
                ownImage.or(definition::image).orElseThrow(),
                MOVER_ACCOUNT,
                runAs(mover),
                new MoverSettings.Placement(
                        mover.nodeSelector(),
                        mover.affinity(),
                        mover.tolerations(),
                        mover.priorityClass().orElse(""),
                        mover.spreadByHostname()),
                resources(mover),
                new MoverSettings.Extras(
                        labels(mover),
                        mover.annotations(),
                        mover.imagePullSecrets(),
                        mover.environment(),
                        mover.authorities(),
                        mover.pod()));
    }

    private Map<String, String> labels(MoverOptions mover) {
        Map<String, String> labels =
                new LinkedHashMap<>(StoreKeys.podLabels(definition.repository()));
        labels.putAll(mover.labels());
        return labels;
    }

    private static RunAs runAs(MoverOptions mover) {
        return switch (mover.runAs()) {
            case "root" -> new RunAs.Root();
            case "group" ->
                    new RunAs.SupplementalGroup(
                            mover.user().orElseThrow(), mover.group().orElseThrow());
            case "owner" -> new RunAs.DeviceOwner(mover.user().orElseThrow());
            default -> throw new IllegalArgumentException("runAs " + mover.runAs());
        };
    }

    private MoverSettings.Resources resources(MoverOptions mover) {
        MoverOptions.Resources wanted = mover.resources();
        boolean standard = wanted.requests().isEmpty() && wanted.limits().isEmpty();
        MoverOptions.Resources used = standard ? STANDARD : wanted;
        return new MoverSettings.Resources(
                used.requests(), used.limits(), mover.temporary(), cache());
    }

    private Optional<MoverSettings.CacheVolume> cache() {
        return definition
                .mover()
                .cache()
                .map(
                        cache ->
                                new MoverSettings.CacheVolume(
                                        CACHE, cache.size(), cache.storageClass(), cache.claim()));
    }
}
