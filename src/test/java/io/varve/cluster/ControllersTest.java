package io.varve.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** That the controllers are there whose work other tests rely on. */
@NeedsControlPlane
class ControllersTest {

    private static final String CONTAINER = "{name: main, image: none, command: [sleep, '1']}";

    private final KubernetesClient admin;
    private final String namespace;

    ControllersTest(ControlPlane plane) throws IOException {
        admin = plane.admin();
        namespace = plane.newNamespace("controllers");
    }

    @Test
    void aJobMakesAPodThatStaysPending() throws IOException {
        apply(
                """
                {apiVersion: batch/v1, kind: Job, metadata: {name: once}, spec: {template: {spec:
                  {restartPolicy: Never, nodeSelector: {on: nothing}, containers: [%s]}}}}
                """
                        .formatted(CONTAINER));
        Pod pod =
                Waiting.until(
                        "the pod of the Job",
                        () ->
                                admin.pods().inNamespace(namespace).list().getItems().stream()
                                        .findFirst());
        assertThat(pod.getStatus().getPhase()).isEqualTo("Pending");
        assertThat(pod.getMetadata().getLabels()).containsEntry("job-name", "once");
        String reason =
                Waiting.until(
                        "the scheduler to look at the pod",
                        () ->
                                admin
                                        .pods()
                                        .resource(pod)
                                        .get()
                                        .getStatus()
                                        .getConditions()
                                        .stream()
                                        .filter(
                                                condition ->
                                                        condition.getType().equals("PodScheduled"))
                                        .map(condition -> condition.getReason())
                                        .findFirst());
        assertThat(reason).isEqualTo("Unschedulable");
    }

    @Test
    void aCronJobWithATimeZoneIsAcceptedAndOneWithoutAScheduleRefused() {
        String cronJob =
                """
                {apiVersion: batch/v1, kind: CronJob, metadata: {generateName: nightly-}, spec: {schedule: "%s",
                  timeZone: Europe/Berlin, concurrencyPolicy: Forbid, jobTemplate: {spec: {template: {spec:
                  {restartPolicy: Never, containers: [%s]}}}}}}
                """;
        for (String good :
                List.of("0 3 * * *", "5/10 4 ? * SUN-TUE", "0-59/15 0,12 1-31 JAN-dec *")) {
            assertThat(apply(cronJob.formatted(good, CONTAINER)).getMetadata().getUid())
                    .isNotEmpty();
        }
        // What a definition's check has to know: 7 is no Sunday, ranges do not wrap, no L or W.
        for (String bad :
                List.of("at three", "0 3 * * 7", "0 3 * * SAT-SUN", "0 3 L * *", "0 3 15W * *")) {
            assertThatThrownBy(() -> apply(cronJob.formatted(bad, CONTAINER)))
                    .as(bad)
                    .isInstanceOf(KubernetesClientException.class)
                    .hasMessageContaining("spec.schedule");
        }
    }

    @Test
    void aQuotaRefusesTheClaimThatIsTooMuch() throws IOException {
        apply(
                """
                {apiVersion: v1, kind: ResourceQuota, metadata: {name: one}, spec: {hard: {persistentvolumeclaims: "1"}}}
                """);
        Waiting.until(
                "the quota to be counted",
                () ->
                        Optional.ofNullable(
                                        admin.resourceQuotas()
                                                .inNamespace(namespace)
                                                .withName("one")
                                                .require()
                                                .getStatus()
                                                .getUsed())
                                .filter(used -> !used.isEmpty()));
        claim("first", "none");
        assertThatThrownBy(() -> claim("second", "none"))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("exceeded quota");
    }

    @Test
    void aClaimOfAClassThatWaitsForAPodStaysPendingAndSaysSo() throws IOException {
        apply(
                """
                {apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: %s},
                  provisioner: waits.example, volumeBindingMode: WaitForFirstConsumer}
                """
                        .formatted(namespace));
        claim("waits", namespace);
        Waiting.until(
                "the event WaitForFirstConsumer",
                () ->
                        admin.v1().events().inNamespace(namespace).list().getItems().stream()
                                .filter(event -> event.getReason().equals("WaitForFirstConsumer"))
                                .findFirst());
        assertThat(
                        admin.persistentVolumeClaims()
                                .inNamespace(namespace)
                                .withName("waits")
                                .require()
                                .getStatus()
                                .getPhase())
                .isEqualTo("Pending");
    }

    private void claim(String name, String storageClass) {
        apply(
                """
                {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: %s}, spec: {storageClassName: %s,
                  accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}}
                """
                        .formatted(name, storageClass));
    }

    private HasMetadata apply(String yaml) {
        // Without the dashes it is taken for JSON, whose names are quoted.
        return admin.resource("---\n" + yaml).inNamespace(namespace).create();
    }
}
