package io.varve.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.ObjectReference;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What runs in a cluster though nobody starts it: the schedule, the sweep, the exporter. */
@Order(1)
class ClusterScheduleTest extends ClusterStorageHarness {

    private static final long SEED = 20261204;

    ClusterScheduleTest(ControlPlane plane) throws IOException {
        super(plane);
    }

    /** The schedule is the shortest that there is; what else is rendered is tried meanwhile. */
    @Test
    void theScheduleStartsNoBackupBesideOneThatRunsAndTheSweepAndTheExporterRunBesideIt(
            @TempDir Path folder) throws IOException {
        try (InstalledVarve varve =
                InstalledVarve.install(plane, storage, folder, "concurrency: {perNode: 1}")) {
            fill(tenantClaim(varve, "data", "32Mi"), 1, new Random(SEED));
            // Makes the tables.
            assertThat(varve.operator().run("job", "list").code()).isZero();
            OccupiedNode occupied = OccupiedNode.occupy(varve.database(), varve.node().name());
            patch(varve, "{\"spec\": {\"schedule\": \"* * * * *\"}}");
            Pod exporter = exporter(varve);

            Job job =
                    Waiting.until(
                            "the schedule's Job", () -> scheduled(varve).stream().findFirst());
            occupied.awaitMover();
            theSweepLeavesARunAlone(varve);
            assertNoOtherBegins(varve, job);
            patch(varve, "{\"spec\": {\"suspend\": true}}");
            occupied.leave();

            assertThat(varve.jobs().await(job)).contains("FIRST_BACKUP").contains("1.0 MiB read");
            assertThat(varve.leftovers()).isEmpty();
            assertThat(metrics(varve, exporter))
                    .containsPattern(
                            "varve_volume_backups\\{.*volume=\"kubernetes/%s/data\"} 1"
                                    .formatted(varve.tenant()));
        }
    }

    private void patch(InstalledVarve varve, String fields) {
        admin.resource(varve.jobs().cronJob("launcher"))
                .patch(PatchContext.of(PatchType.JSON_MERGE), fields);
    }

    /** The Jobs that the controller has made of the CronJob, by itself. */
    private List<Job> scheduled(InstalledVarve varve) {
        String uid = varve.jobs().cronJob("launcher").getMetadata().getUid();
        return admin.batch().v1().jobs().inNamespace(varve.namespace()).list().getItems().stream()
                .filter(
                        job ->
                                job.getMetadata().getOwnerReferences().stream()
                                        .filter(OwnerReference::getController)
                                        .anyMatch(owner -> owner.getUid().equals(uid)))
                .toList();
    }

    /** A Job like those that its own CronJob makes each hour. */
    private void theSweepLeavesARunAlone(InstalledVarve varve) throws IOException {
        List<String> ofRun = varve.leftovers();
        assertThat(ofRun).isNotEmpty();
        varve.jobs().await(admin.resource(varve.jobs().asScheduled("sweep", "sweep-now")).create());
        assertThat(varve.leftovers()).isEqualTo(ofRun);
    }

    /** Also not in the minute after the one in which a Job began that still runs. */
    private void assertNoOtherBegins(InstalledVarve varve, Job job) throws IOException {
        Event refused =
                Waiting.until(
                        "the schedule to be refused a Job",
                        () ->
                                admin
                                        .v1()
                                        .events()
                                        .inNamespace(varve.namespace())
                                        .list()
                                        .getItems()
                                        .stream()
                                        .filter(
                                                event ->
                                                        event.getReason()
                                                                .equals("JobAlreadyActive"))
                                        .findFirst());
        CronJob cronJob = varve.jobs().cronJob("launcher");
        assertThat(refused.getInvolvedObject().getUid()).isEqualTo(cronJob.getMetadata().getUid());
        assertThat(cronJob.getStatus().getActive())
                .extracting(ObjectReference::getUid)
                .containsExactly(job.getMetadata().getUid());
        assertThat(scheduled(varve)).hasSize(1);
        assertThat(varve.jobs().of(job)).hasSize(1);
    }

    /** As the Deployment's controllers would make it, which no test's cluster has. */
    private Pod exporter(InstalledVarve varve) {
        PodTemplateSpec template =
                admin.apps()
                        .deployments()
                        .inNamespace(varve.namespace())
                        .withName("varve-exporter")
                        .require()
                        .getSpec()
                        .getTemplate();
        return admin.resource(
                        new PodBuilder()
                                .withMetadata(template.getMetadata())
                                .editMetadata()
                                .withNamespace(varve.namespace())
                                .withName("varve-exporter-pod")
                                .endMetadata()
                                .withSpec(template.getSpec())
                                .build())
                .create();
    }

    /** What the exporter's Service would answer: that of the pod which it selects. */
    private String metrics(InstalledVarve varve, Pod exporter) throws IOException {
        assertThat(exporter.getSpec().getVolumes())
                .as("no token among them")
                .extracting(Volume::getName)
                .containsExactly("tmp");
        Service service =
                admin.services()
                        .inNamespace(varve.namespace())
                        .withName("varve-exporter")
                        .require();
        List<Pod> selected =
                admin.pods()
                        .inNamespace(varve.namespace())
                        .withLabels(service.getSpec().getSelector())
                        .list()
                        .getItems();
        assertThat(selected)
                .extracting(pod -> pod.getMetadata().getUid())
                .containsExactly(exporter.getMetadata().getUid());
        String port = service.getSpec().getPorts().getFirst().getTargetPort().getStrVal();
        URI address =
                URI.create(
                        "http://%s:%d/metrics"
                                .formatted(
                                        selected.getFirst().getStatus().getPodIP(),
                                        portOf(exporter, port)));
        return Waiting.until("an answer of the exporter", () -> answer(address));
    }

    private static int portOf(Pod pod, String name) {
        return pod.getSpec().getContainers().getFirst().getPorts().stream()
                .filter(port -> port.getName().equals(name))
                .findFirst()
                .orElseThrow()
                .getContainerPort();
    }

    private static Optional<String> answer(URI address) throws IOException {
        try (InputStream text = address.toURL().openStream()) {
            return Optional.of(new String(text.readAllBytes(), StandardCharsets.UTF_8));
        } catch (ConnectException e) {
            return Optional.empty();
        }
    }
}
