package io.varve.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.varve.job.definition.DefinitionFile;
import io.varve.job.definition.render.CronJobFiles;
import io.varve.job.definition.render.ManifestFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a rendered CronJob's Job does about each way in which its pod can end. Its pods run a shell
 * instead of the program, and it has no second attempt: what counts fails it at once.
 */
@NeedsControlPlane
class PodFailurePolicyTest {

    private static final String COMPLETE = "Complete: CompletionsReached";
    private static final String COUNT = "Failed: BackoffLimitExceeded";
    private static final String FAIL = "Failed: PodFailurePolicy";

    private final ControlPlane plane;
    private final KubernetesClient admin;
    private final String namespace;
    private ClusterNode node;

    PodFailurePolicyTest(ControlPlane plane) throws IOException {
        this.plane = plane;
        admin = plane.admin();
        namespace = plane.newNamespace("policy");
    }

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        node = ClusterNode.start(plane, namespace, folder, List.of("--image=" + NodePods.IMAGE));
        for (ManifestFile manifest : CronJobFiles.render(List.of(definition(folder)))) {
            admin.load(new ByteArrayInputStream(manifest.text().getBytes(StandardCharsets.UTF_8)))
                    .serverSideApply();
        }
    }

    private DefinitionFile definition(Path folder) throws IOException {
        return DefinitionFile.read(
                Files.writeString(
                        folder.resolve("nightly.yaml"),
                        """
                        version: 1
                        name: nightly
                        namespace: %s
                        image: %s
                        schedule: {cron: "0 0 1 1 *", timeZone: Etc/UTC}
                        exporter: false
                        repository: {location: "file:///repository", claim: repository, password: {secret: repository, key: password}}
                        database: {url: "jdbc:postgresql://db/varve", user: {secret: db, key: user}, password: {secret: db, key: password}}
                        volumes: [{namespaces: [%s]}]
                        launcher:
                          nodeSelector: {kubernetes.io/hostname: %s}
                          tolerations: [{key: %s, operator: Exists}]
                        """
                                .formatted(
                                        namespace,
                                        NodePods.IMAGE,
                                        namespace,
                                        node.name(),
                                        ClusterNode.TAINT)));
    }

    @AfterEach
    void stop() throws IOException {
        node.close();
    }

    @Test
    void everyExitCodeLeadsToWhatItMeans() throws IOException {
        Map<Integer, String> outcomes = new LinkedHashMap<>();
        outcomes.put(0, COMPLETE);
        for (int code : List.of(2, 10, 11, 12, 13)) {
            outcomes.put(code, FAIL);
        }
        // Rendered CronJobs make 0 of 3. Of 130 nothing is said, and what is not said counts.
        for (int code : List.of(1, 3, 75, 130, 137, 143)) {
            outcomes.put(code, COUNT);
        }
        Map<Integer, Job> jobs = new LinkedHashMap<>();
        outcomes.keySet().forEach(code -> jobs.put(code, start("exit " + code, "code-" + code)));

        Map<Integer, String> found = new LinkedHashMap<>();
        for (Map.Entry<Integer, Job> job : jobs.entrySet()) {
            found.put(job.getKey(), end(job.getValue()));
            assertThat(pods(job.getValue())).hasSize(1);
        }
        assertThat(found).isEqualTo(outcomes);
    }

    @Test
    void aPodThatIsEvictedIsFollowedByAnotherAndCountsForNothing() throws IOException {
        Job job = start("trap 'exit 143' TERM; echo up; while :; do sleep 0.1; done", "evicted");
        Pod first =
                Waiting.until(
                        "the pod to be up",
                        () -> {
                            Optional<Pod> pod = running(job);
                            return pod.isPresent() && node.log(pod.get(), "varve").contains("up")
                                    ? pod
                                    : Optional.empty();
                        });
        assertThat(
                        admin.pods()
                                .inNamespace(namespace)
                                .withName(first.getMetadata().getName())
                                .evict())
                .isTrue();
        Waiting.until(
                "another pod",
                () ->
                        running(job)
                                .filter(
                                        pod ->
                                                !pod.getMetadata()
                                                        .getUid()
                                                        .equals(first.getMetadata().getUid())));
        Job now = admin.resource(job).get();
        assertThat(Optional.ofNullable(now.getStatus().getFailed()).orElse(0)).isZero();
        assertThat(now.getStatus().getConditions()).isEmpty();
    }

    private Job start(String script, String name) {
        CronJob cronJob =
                admin.batch().v1().cronjobs().inNamespace(namespace).withName("nightly").require();
        return admin.resource(
                        new JobBuilder()
                                .withNewMetadata()
                                .withNamespace(namespace)
                                .withName(name)
                                .endMetadata()
                                .withSpec(cronJob.getSpec().getJobTemplate().getSpec())
                                .editSpec()
                                .withBackoffLimit(0)
                                .editTemplate()
                                .editSpec()
                                .withVolumes()
                                .editFirstContainer()
                                .withCommand("sh", "-c", script)
                                .withArgs()
                                .withEnv()
                                .withVolumeMounts()
                                .endContainer()
                                .endSpec()
                                .endTemplate()
                                .endSpec()
                                .build())
                .create();
    }

    private String end(Job job) throws IOException {
        return Waiting.until(
                "Job %s to end".formatted(job.getMetadata().getName()),
                () ->
                        admin.resource(job).get().getStatus().getConditions().stream()
                                .filter(is -> List.of("Complete", "Failed").contains(is.getType()))
                                .map(PodFailurePolicyTest::text)
                                .findFirst());
    }

    private static String text(JobCondition condition) {
        return condition.getType() + ": " + condition.getReason();
    }

    private Optional<Pod> running(Job job) {
        return pods(job).stream().filter(JobPods::isRunning).findFirst();
    }

    private List<Pod> pods(Job job) {
        return new ArrayList<>(
                admin.pods()
                        .inNamespace(namespace)
                        .withLabel("batch.kubernetes.io/job-name", job.getMetadata().getName())
                        .list()
                        .getItems());
    }
}
