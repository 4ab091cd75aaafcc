package io.varve.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pods without claims on nodes of the stand-in kubelet, bound to them by the real scheduler. */
@NeedsControlPlane
class ClusterNodeTest {

    /** Prints what could be a credential of the API server, wherever it lies. */
    private static final String FIND_TOKENS =
            "find / -xdev -name 'token*' -not -path '/usr/*' 2>/dev/null; ls -A /run; env | grep -i token; :";

    private final ControlPlane plane;
    private final KubernetesClient admin;
    private final NodePods pods;
    private Path folder;
    private ClusterNode node;

    ClusterNodeTest(ControlPlane plane) throws IOException {
        this.plane = plane;
        admin = plane.admin();
        pods = new NodePods(admin, plane.newNamespace("nodes"));
    }

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        this.folder = folder;
        node = start(pods.namespace());
    }

    private ClusterNode start(String name) throws IOException {
        return ClusterNode.start(plane, name, folder, List.of("--image=" + NodePods.IMAGE));
    }

    @AfterEach
    void stop() throws IOException {
        node.close();
        assertThat(admin.nodes().withName(node.name()).get()).isNull();
    }

    @Test
    void theExitCodeOfAJobsPodIsWhatItsFailurePolicyActsOn() throws IOException {
        HasMetadata job =
                make(
                        """
                        {apiVersion: batch/v1, kind: Job, metadata: {namespace: NAME, name: three}, spec: {
                          podFailurePolicy: {rules: [{action: FailJob, onExitCodes: {operator: In, values: [3]}}]},
                          template: {spec: {%s, containers: [{name: main, image: tools, command: [sh, -c, "exit 3"]}]}}}}
                        """
                                .formatted(NodePods.on(node.name())));
        String message =
                Waiting.until(
                        "the Job to fail",
                        () ->
                                ((Job) admin.resource(job).get())
                                        .getStatus().getConditions().stream()
                                                .filter(is -> is.getType().equals("Failed"))
                                                .map(is -> is.getReason() + ": " + is.getMessage())
                                                .findFirst());
        assertThat(message).startsWith("PodFailurePolicy:").contains("exit code 3");
    }

    @Test
    void aContainerHasWhatItsPodDeclaresAndNothingElse() throws IOException {
        make(
                """
                {apiVersion: v1, kind: Secret, metadata: {namespace: NAME, name: login}, stringData: {password: hunter2}}
                """);
        Pod pod =
                pods.run(
                        node.name(),
                        "declared",
                        "automountServiceAccountToken: false, securityContext: {runAsUser: 4321, runAsGroup: 5, supplementalGroups: [6]},"
                                + " volumes: [{name: login, secret: {secretName: login}}, {name: cache, emptyDir: {}}],",
                        "securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}},"
                                + " volumeMounts: [{name: login, mountPath: /login}, {name: cache, mountPath: /cache}],"
                                + " resources: {limits: {memory: 64Mi}}, env: [{name: FROM_SECRET, valueFrom: {secretKeyRef: {name: login,"
                                + " key: password}}}, {name: LIMIT, valueFrom: {resourceFieldRef: {resource: limits.memory}}},"
                                + " {name: APP, valueFrom: {fieldRef: {fieldPath: 'metadata.labels[''app'']'}}}],",
                        """
                        ls -x /dev; ls -x /; id -u; id -G
                        cat /login/password; echo; echo $FROM_SECRET $LIMIT $APP
                        grep -h -E '^(Cap|NoNew)' /proc/self/status | sort -u
                        for folder in / /tmp /usr /login /cache; do touch $folder/x 2>/dev/null && echo writes $folder; done
                        """
                                + FIND_TOKENS);
        assertThat(pods.end(pod).getExitCode()).isZero();
        assertThat(node.log(pod, "main").split("\\s+"))
                .containsExactly(
                        """
                        fd full null random shm stderr stdin stdout termination-log urandom zero
                        bin cache dev etc home lib lib64 login proc root run sbin sys tmp usr var
                        4321 5 6 hunter2 hunter2 67108864 declared
                        CapAmb: 0000000000000000 CapBnd: 0000000000000000 CapEff: 0000000000000000
                        CapInh: 0000000000000000 CapPrm: 0000000000000000 NoNewPrivs: 1 writes /cache
                        """
                                .split("\\s+"));
    }

    @Test
    void aTokenIsForItsAudienceAndBoundToItsPod() throws IOException {
        Pod pod =
                pods.run(
                        node.name(),
                        "asking",
                        "volumes: [{name: token, projected: {sources: [{serviceAccountToken: {path: token, audience: backups}}]}}],",
                        "volumeMounts: [{name: token, mountPath: /asked}],",
                        "cat /asked/token; sleep 1000");
        pods.until(pod, "Running");
        String token =
                Waiting.until(
                        "the token",
                        () -> Optional.of(node.log(pod, "main")).filter(said -> !said.isEmpty()));
        assertThat(accepted(token, "backups")).isTrue();
        assertThat(accepted(token, "others")).isFalse();
        admin.resource(pod).withGracePeriod(0).delete();
        pods.untilGone(pod);
        Waiting.until(
                "the token to end with its pod",
                () -> accepted(token, "backups") ? Optional.empty() : Optional.of("refused"));
    }

    private boolean accepted(String token, String audience) {
        HasMetadata review =
                make(
                        """
                        {apiVersion: authentication.k8s.io/v1, kind: TokenReview, spec: {token: "%s", audiences: [%s]}}
                        """
                                .formatted(token, audience));
        return Boolean.TRUE.equals(((TokenReview) review).getStatus().getAuthenticated());
    }

    @Test
    void aPodIsAskedToEndBeforeItIsKilled() throws IOException {
        Pod polite =
                pods.run(
                        node.name(),
                        "polite",
                        "",
                        "",
                        "trap 'echo checkpoint > /dev/termination-log; exit 5' TERM; echo up; while :; do sleep 0.1; done");
        Pod deaf =
                pods.run(
                        node.name(),
                        "deaf",
                        "terminationGracePeriodSeconds: 1,",
                        "",
                        "echo up; sleep 1000");
        for (Pod pod : List.of(polite, deaf)) {
            Waiting.until(
                    "a log of " + pod,
                    () ->
                            Optional.of(node.log(pods.until(pod, "Running"), "main"))
                                    .filter(said -> said.contains("up")));
            // Held, so that its last status can be read.
            finalizers(pod, "[\"varve.example/held\"]");
            admin.resource(pod).delete();
        }
        ContainerStateTerminated asked = pods.end(polite);
        assertThat(asked.getExitCode()).isEqualTo(5);
        assertThat(asked.getMessage()).isEqualTo("checkpoint\n");
        assertThat(pods.end(deaf).getExitCode()).isEqualTo(137);
        for (Pod pod : List.of(polite, deaf)) {
            finalizers(pod, "[]");
            pods.untilGone(pod);
        }
    }

    private void finalizers(Pod pod, String json) {
        admin.resource(pod)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"metadata\": {\"finalizers\": %s}}".formatted(json));
    }

    @Test
    void aFailureSaysWhy() throws IOException {
        Pod failing =
                pods.run(
                        node.name(),
                        "failing",
                        "",
                        "terminationMessagePolicy: FallbackToLogsOnError,",
                        "seq 100; exit 4");
        Pod hungry =
                pods.run(
                        node.name(),
                        "hungry",
                        "",
                        "resources: {limits: {memory: 32Mi}},",
                        "head -c 100m /dev/zero >/tmp/file");
        ContainerStateTerminated failed = pods.end(failing);
        assertThat(failed.getExitCode()).isEqualTo(4);
        assertThat(failed.getReason()).isEqualTo("Error");
        assertThat(failed.getMessage()).startsWith("21\n").endsWith("\n100\n");
        assumeTrue(node.enforces("memory"), "this host lets nobody limit memory");
        assertThat(pods.end(hungry).getReason()).isEqualTo("OOMKilled");
    }

    @Test
    void aPodThatCanNotStartSaysWhy() throws IOException {
        Pod without =
                pods.run(
                        node.name(),
                        "without-secret",
                        "",
                        "env: [{name: A, valueFrom: {secretKeyRef: {name: absent, key: a}}}],",
                        ":");
        Pod unmounted =
                pods.run(
                        node.name(),
                        "without-volume",
                        "volumes: [{name: a, secret: {secretName: absent}}],",
                        "volumeMounts: [{name: a, mountPath: /a}],",
                        ":");
        Pod unpulled =
                (Pod)
                        make(
                                """
                                {apiVersion: v1, kind: Pod, metadata: {namespace: NAME, name: unpulled}, spec: {%s,
                                  containers: [{name: main, image: absent}]}}
                                """
                                        .formatted(NodePods.on(node.name())));
        waitsFor("CreateContainerConfigError", without);
        waitsFor("ErrImagePull", unpulled);
        waitsFor("ContainerCreating", unmounted);
        Waiting.until(
                "an event of the volume",
                () ->
                        admin.v1().events().inNamespace(pods.namespace()).list().getItems().stream()
                                .filter(event -> event.getReason().equals("FailedMount"))
                                .filter(
                                        event ->
                                                event.getMessage().contains("\"absent\" not found"))
                                .findFirst());
    }

    private void waitsFor(String reason, Pod pod) throws IOException {
        Waiting.until(
                "pod %s to say %s".formatted(pod.getMetadata().getName(), reason),
                () -> pods.waits(pod).filter(reason::equals));
    }

    @Test
    void aNodeThatIsCutOffKeepsItsContainersUntilItIsBack() throws IOException {
        Pod pod =
                pods.run(
                        node.name(),
                        "cut-off",
                        "terminationGracePeriodSeconds: 1,",
                        "",
                        "while :; do date +%s%N; sleep 0.1; done");
        pods.until(pod, "Running");
        node.behave("{\"frozen\": true}");
        admin.resource(pod).delete();
        Waiting.until("the node to be unknown", () -> ready().filter("Unknown"::equals));
        String said = node.log(pod, "main");
        Waiting.until(
                "the container to go on",
                () ->
                        Optional.of(node.log(pod, "main"))
                                .filter(more -> more.length() > said.length()));
        assertThat(pods.now(pod)).isPresent();
        node.behave("{}");
        pods.untilGone(pod);
        Waiting.until("the node to be ready", () -> ready().filter("True"::equals));
    }

    private Optional<String> ready() {
        return admin.nodes().withName(node.name()).require().getStatus().getConditions().stream()
                .filter(condition -> condition.getType().equals("Ready"))
                .map(condition -> condition.getStatus())
                .findFirst();
    }

    @Test
    void podsOfTwoNodesRunSideBySide() throws IOException {
        try (ClusterNode second = start(pods.namespace() + "-second")) {
            Pod here = pods.run(node.name(), "here", "", "", "hostname");
            Pod there = pods.run(second.name(), "there", "", "", "hostname");
            assertThat(pods.end(here).getExitCode()).isZero();
            assertThat(pods.end(there).getExitCode()).isZero();
            assertThat(node.log(here, "main")).isEqualTo("here\n");
            assertThat(second.log(there, "main")).isEqualTo("there\n");
        }
    }

    private HasMetadata make(String yaml) {
        // Without the dashes it is taken for JSON, whose names are quoted.
        return admin.resource("---\n" + yaml.replace("NAME", pods.namespace())).create();
    }
}
