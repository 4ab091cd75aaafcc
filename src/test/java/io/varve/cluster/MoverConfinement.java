package io.varve.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.VolumeDevice;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.util.List;

/**
 * What somebody has who has taken over a mover: the mover of a run, as its launcher made it, not a
 * pod that a test wrote.
 */
record MoverConfinement(KubernetesClient admin, ClusterNode node, Pod mover) {

    private static final String DEVICE = "/dev/varve/volume";

    /** Whatever could be a credential of the API server, on any filesystem. */
    private static final String FIND_TOKENS =
            """
            find / \\( -path /proc -o -path /sys -o -path /usr \\) -prune -o \
            \\( -name 'token*' -o -path '*serviceaccount*' \\) -print 2>/dev/null; :
            """;

    private static final String FIND_DEVICES =
            "find / \\( -path /proc -o -path /sys \\) -prune -o -type b -print 2>/dev/null";

    /**
     * @param launcher in which the same look finds a credential
     */
    void assertNoCredential(Pod launcher) throws IOException {
        assertThat(mover.getSpec().getAutomountServiceAccountToken()).isFalse();
        assertThat(mover.getSpec().getVolumes())
                .allSatisfy(
                        volume -> {
                            assertThat(volume.getProjected()).isNull();
                            assertThat(volume.getSecret()).isNull();
                        });
        ContainerProcess process = node.process(mover);
        assertThat(process.sayAsIt(FIND_TOKENS)).isEmpty();
        assertThat(node.process(launcher).sayAsIt(FIND_TOKENS))
                .contains("/var/run/secrets/kubernetes.io/serviceaccount/token");
        List<String> values =
                process.environment().stream()
                        .map(variable -> variable.substring(variable.indexOf('=') + 1))
                        .filter(value -> !value.isBlank())
                        .toList();
        assertThat(values).contains(InstalledVarve.PASSWORD).noneMatch(this::isAccepted);
    }

    /** By the API server, as a token. */
    private boolean isAccepted(String value) {
        TokenReview review =
                admin.resource(
                                new TokenReviewBuilder()
                                        .withNewSpec()
                                        .withToken(value)
                                        .endSpec()
                                        .build())
                        .create();
        return Boolean.TRUE.equals(review.getStatus().getAuthenticated());
    }

    /**
     * @param other the number of another volume's device, {@code MAJOR:MINOR}
     */
    void assertOneDevice(String other) throws IOException {
        Container container = mover.getSpec().getContainers().getFirst();
        assertThat(container.getVolumeDevices())
                .extracting(VolumeDevice::getDevicePath)
                .containsExactly(DEVICE);
        ContainerProcess process = node.process(mover);
        for (String set : List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")) {
            assertThat(process.status(set)).as(set).containsExactly("0000000000000000");
        }
        assertThat(process.status("NoNewPrivs")).containsExactly("1");
        assertThat(process.sayAsIt(FIND_DEVICES)).isEqualTo(DEVICE + "\n");
        assertOpensNoOther(process, other.split(":"));
    }

    /**
     * Neither by a node of its own making, nor, where the kernel keeps that, by one that is there.
     */
    private void assertOpensNoOther(ContainerProcess process, String[] number) throws IOException {
        String open =
                """
                head -c 1 %s >/dev/null && echo own
                mknod /tmp/other b %s %s
                head -c 1 /dev/other >/dev/null && echo opened
                """
                        .formatted(DEVICE, number[0], number[1]);
        assertThat(process.sayAsIt(open))
                .startsWith("own\n")
                .contains("mknod: /tmp/other: Operation not permitted")
                .doesNotContain("opened");
        if (node.enforces("devices")) {
            String made = process.path("/dev/other").toString();
            ContainerProcess.say(List.of("mknod", "-m", "666", made, "b", number[0], number[1]));
            assertThat(ContainerProcess.say(List.of("head", "-c", "1", made)))
                    .as("the host's root reads it")
                    .hasSize(1);
            assertThat(process.sayAsIt(open))
                    .contains("'/dev/other' for reading: Operation not permitted")
                    .doesNotContain("opened");
        }
    }
}
