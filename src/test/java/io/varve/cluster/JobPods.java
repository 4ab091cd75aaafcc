package io.varve.cluster;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The Jobs of a namespace, and the pods that they have on a node. */
record JobPods(KubernetesClient admin, String namespace, ClusterNode node) {

    static boolean isRunning(Pod pod) {
        return pod.getStatus().getPhase().equals("Running");
    }

    /**
     * The namespace's only CronJob of a component of Varve, as its label names it: {@code launcher}
     * or {@code sweep}.
     */
    CronJob cronJob(String component) {
        List<CronJob> all =
                admin.batch()
                        .v1()
                        .cronjobs()
                        .inNamespace(namespace)
                        .withLabel("app.kubernetes.io/component", component)
                        .list()
                        .getItems();
        if (all.size() != 1) {
            throw new IllegalStateException("CronJobs of %s: %s".formatted(component, all));
        }
        return all.getFirst();
    }

    /** A Job as such a CronJob would make it, which is yet to be created. */
    Job asScheduled(String component, String name) {
        return new JobBuilder()
                .withNewMetadata()
                .withNamespace(namespace)
                .withName(name)
                .endMetadata()
                .withSpec(cronJob(component).getSpec().getJobTemplate().getSpec())
                .build();
    }

    /** The pods that a Job has, also those that have ended. */
    List<Pod> of(Job job) {
        return admin.pods()
                .inNamespace(namespace)
                .withLabels(Map.of("batch.kubernetes.io/job-name", job.getMetadata().getName()))
                .list()
                .getItems();
    }

    /** Waits for the pod that runs after so many others. */
    Pod running(Job job, int others) throws IOException {
        return Waiting.until(
                "pod %d of Job %s".formatted(others + 1, job.getMetadata().getName()),
                () -> {
                    List<Pod> all = of(job);
                    return all.stream()
                            .filter(JobPods::isRunning)
                            .filter(pod -> all.size() > others)
                            .findFirst();
                });
    }

    /** The pod that a Job ended with; the API server has them in no order. */
    Pod last(Job job) {
        List<Pod> all = of(job);
        return all.stream()
                .filter(pod -> pod.getStatus().getPhase().equals("Succeeded"))
                .findFirst()
                .orElseGet(
                        () ->
                                all.stream()
                                        .max(
                                                Comparator.comparing(
                                                        pod ->
                                                                pod.getMetadata()
                                                                        .getCreationTimestamp()))
                                        .orElseThrow());
    }

    /** Waits for a Job's success, and returns what the pod printed that ended well. */
    String await(Job job) throws IOException {
        Optional<String> failure = ended(job);
        if (failure.isPresent()) {
            throw new IOException(failure.get());
        }
        return node.log(last(job), "varve");
    }

    /** Waits for a Job's failure, and returns why, and what all its pods printed. */
    String awaitFailure(Job job) throws IOException {
        return ended(job)
                .orElseThrow(
                        () ->
                                new IOException(
                                        "Job %s did not fail"
                                                .formatted(job.getMetadata().getName())));
    }

    /** Waits for the failure of a Job with one pod, and returns what its container ended with. */
    int exitCode(Job job) throws IOException {
        awaitFailure(job);
        return of(job).getFirst()
                .getStatus()
                .getContainerStatuses()
                .getFirst()
                .getState()
                .getTerminated()
                .getExitCode();
    }

    /** Waits for a Job's end; returns what is to be said of one that failed. */
    private Optional<String> ended(Job job) throws IOException {
        String name = job.getMetadata().getName();
        JobCondition end =
                Waiting.until(
                        "Job %s to end".formatted(name),
                        () -> condition(admin.resource(job).get()));
        if (end.getType().equals("Complete")) {
            return Optional.empty();
        }
        List<String> logs = new ArrayList<>();
        for (Pod pod : of(job)) {
            logs.add(node.log(pod, "varve"));
        }
        return Optional.of(
                "Job %s failed: %s\n%s".formatted(name, end.getMessage(), String.join("\n", logs)));
    }

    private static Optional<JobCondition> condition(Job job) {
        return job.getStatus().getConditions().stream()
                .filter(condition -> condition.getStatus().equals("True"))
                .filter(
                        condition ->
                                condition.getType().equals("Complete")
                                        || condition.getType().equals("Failed"))
                .findFirst();
    }
}
