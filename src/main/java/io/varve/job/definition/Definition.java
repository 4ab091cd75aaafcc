package io.varve.job.definition;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.varve.job.definition.MoverOptions.Resources;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One job definition. Fields, ranges and defaults: {@code definition-v1.schema.json}, which says
 * what each one means.
 */
public record Definition(
        int version,
        String name,
        String cluster,
        String namespace,
        Optional<String> image,
        Optional<Schedule> schedule,
        Repository repository,
        Database database,
        List<VolumeSelection> volumes,
        List<Policy> policies,
        String type,
        String tracking,
        String trackingDenied,
        int compareEvery,
        List<String> trackingTrusted,
        String onUnsupported,
        Snapshot snapshot,
        Concurrency concurrency,
        Limits limits,
        Map<String, StorageClass> storageClasses,
        Map<String, Driver> drivers,
        MoverOptions mover,
        Launcher launcher,
        boolean exporter) {

    /** When its CronJob starts it. */
    public record Schedule(
            String cron,
            String timeZone,
            String startingDeadline,
            boolean suspend,
            int successfulJobs,
            int failedJobs,
            String keepFinished) {}

    /** One key of a Secret in Varve's namespace. */
    public record SecretKey(String secret, String key) {}

    /**
     * Where backups go.
     *
     * @param credentials of an object store, by the names of {@link StoreKeys}; empty for none
     */
    public record Repository(
            String location,
            SecretKey password,
            Optional<String> claim,
            Map<String, SecretKey> credentials,
            Map<String, String> accountAnnotations,
            Optional<String> limitUpload,
            Optional<String> limitDownload) {}

    /** Where runs keep their state. */
    public record Database(String url, SecretKey user, SecretKey password) {}

    /** How VolumeSnapshots are taken and kept. */
    public record Snapshot(
            String when, String retain, @JsonProperty("class") Optional<String> snapshotClass) {}

    /** How much happens at once. */
    public record Concurrency(int total, int perNode, int maxPrepared, int streams) {}

    /** How long others are waited for; texts such as {@code 30m}. */
    public record Limits(
            String snapshotReady,
            String prepare,
            String gone,
            String stall,
            Optional<String> volume) {}

    /** How volumes of a storage class are exposed. */
    public record StorageClass(
            @JsonProperty("class") Optional<String> temporaryClass,
            boolean readOnly,
            boolean readWriteOncePod,
            Map<String, String> annotations,
            List<String> copySecrets,
            List<String> copyConfigMaps) {}

    /** What is known of a CSI driver. */
    public record Driver(boolean needsBase, Optional<String> changeIdAnnotation) {}

    /** The pod that runs the definition. */
    public record Launcher(
            Resources resources,
            Map<String, String> nodeSelector,
            List<Map<String, Object>> tolerations,
            List<String> imagePullSecrets) {}
}
