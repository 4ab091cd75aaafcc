package io.varve.kube.mover;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MoverPodTest {

    private static final MoverCommand COMMAND =
            new MoverCommand(
                    List.of("move"),
                    Map.of("HTTPS_PROXY", "ours", "A", "1"),
                    List.of(new SecretVariable("VARVE_PASSWORD", "repository", "password")),
                    "/dev/varve/volume",
                    List.of(new ClaimMount("backups", "/backups", false)));

    private static PodSpec spec(MoverSettings settings) {
        return new MoverPod(new MoverClaim("varve-1", true), COMMAND, settings)
                .spec("installation-1");
    }

    @Test
    void aPodHasTheDeviceAndNoTokenAndNoPrivilege() {
        PodSpec spec = spec(MoverSettings.of("varve:1", "mover"));
        assertThat(spec.getAutomountServiceAccountToken()).isFalse();
        assertThat(spec.getRestartPolicy()).isEqualTo("Never");
        assertThat(spec.getTerminationGracePeriodSeconds()).isEqualTo(120);
        assertThat(spec.getActiveDeadlineSeconds()).isNull();
        assertThat(spec.getNodeSelector()).containsEntry("kubernetes.io/os", "linux");
        assertThat(spec.getSecurityContext().getRunAsUser()).isZero();
        assertThat(spec.getSecurityContext().getSeccompProfile().getType())
                .isEqualTo("RuntimeDefault");

        Container container = spec.getContainers().getFirst();
        assertThat(container.getSecurityContext().getCapabilities().getDrop())
                .containsExactly("ALL");
        assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
        assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        assertThat(container.getTerminationMessagePolicy()).isEqualTo("FallbackToLogsOnError");
        assertThat(container.getVolumeDevices())
                .singleElement()
                .satisfies(
                        device ->
                                assertThat(device.getDevicePath()).isEqualTo("/dev/varve/volume"));
        assertThat(spec.getVolumes().getFirst().getPersistentVolumeClaim())
                .satisfies(
                        claim -> {
                            assertThat(claim.getClaimName()).isEqualTo("varve-1");
                            assertThat(claim.getReadOnly()).isTrue();
                        });
        assertThat(container.getVolumeMounts())
                .extracting("mountPath")
                .containsExactly("/tmp", "/backups");
    }

    @Test
    void settingsAreTakenAndTheMoversOwnVariablesWin() {
        PodSpec spec =
                spec(
                        new MoverSettings(
                                "varve:1",
                                "mover",
                                new RunAs.SupplementalGroup(1000, 6),
                                new MoverSettings.Placement(
                                        Map.of("disk", "fast"),
                                        Map.of("nodeAffinity", Map.of()),
                                        List.of(Map.of("key", "backup", "operator", "Exists")),
                                        "low",
                                        true),
                                new MoverSettings.Resources(
                                        Map.of("cpu", "500m"),
                                        Map.of("memory", "1Gi"),
                                        "64Mi",
                                        Optional.of(
                                                new MoverSettings.CacheVolume(
                                                        "/cache",
                                                        "10Gi",
                                                        Optional.of("fast"),
                                                        Optional.empty()))),
                                new MoverSettings.Extras(
                                        Map.of(),
                                        Map.of(),
                                        List.of("registry"),
                                        Map.of("HTTPS_PROXY", "theirs", "B", "2"),
                                        Optional.of("company-ca"),
                                        Map.of("dnsPolicy", "None", "hostNetwork", true))));
        assertThat(spec.getDnsPolicy()).isEqualTo("None");
        assertThat(spec.getHostNetwork()).as("not for the taking").isNull();
        assertThat(spec.getPriorityClassName()).isEqualTo("low");
        assertThat(spec.getTolerations().getFirst().getKey()).isEqualTo("backup");
        assertThat(spec.getAffinity().getNodeAffinity()).isNotNull();
        assertThat(spec.getTopologySpreadConstraints()).hasSize(1);
        assertThat(spec.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(spec.getSecurityContext().getSupplementalGroups()).containsExactly(6L);
        Container container = spec.getContainers().getFirst();
        assertThat(container.getEnv())
                .extracting("name")
                .containsExactly(
                        "VARVE_NODE",
                        "A",
                        "B",
                        "HTTPS_PROXY",
                        "VARVE_TERMINATION_MESSAGE",
                        "VARVE_PASSWORD");
        assertThat(container.getEnv().get(3).getValue()).isEqualTo("ours");
        assertThat(container.getVolumeMounts())
                .extracting("mountPath")
                .containsExactly("/tmp", "/cache", "/etc/varve/authorities", "/backups");
        assertThat(container.getResources().getLimits().get("memory")).hasToString("1Gi");
    }

    @Test
    void aCacheMayBeAClaimThatIsThere() {
        MoverSettings usual = MoverSettings.of("varve:1", "mover");
        PodSpec spec =
                spec(
                        new MoverSettings(
                                usual.image(),
                                usual.serviceAccount(),
                                usual.runAs(),
                                usual.placement(),
                                new MoverSettings.Resources(
                                        Map.of(),
                                        Map.of(),
                                        "64Mi",
                                        Optional.of(
                                                new MoverSettings.CacheVolume(
                                                        "/cache",
                                                        "10Gi",
                                                        Optional.empty(),
                                                        Optional.of("copies")))),
                                usual.extras()));
        assertThat(spec.getVolumes())
                .filteredOn(volume -> volume.getName().equals("cache"))
                .singleElement()
                .satisfies(
                        volume -> {
                            assertThat(volume.getPersistentVolumeClaim().getClaimName())
                                    .isEqualTo("copies");
                            assertThat(volume.getEphemeral()).isNull();
                            assertThat(volume.getEmptyDir()).isNull();
                        });
    }

    /** The volumes that it writes files to: the repository's claim, an ephemeral cache. */
    @Test
    void anOrdinaryUserMayWriteToTheVolumesThatItMounts() {
        for (RunAs user :
                List.of(new RunAs.SupplementalGroup(1000, 6), new RunAs.DeviceOwner(1000))) {
            MoverSettings root = MoverSettings.of("varve:1", "mover");
            PodSecurityContext context =
                    spec(new MoverSettings(
                                    root.image(),
                                    root.serviceAccount(),
                                    user,
                                    root.placement(),
                                    root.resources(),
                                    root.extras()))
                            .getSecurityContext();
            assertThat(context.getRunAsGroup()).as("%s", user).isEqualTo(1000);
            assertThat(context.getFsGroup()).as("%s", user).isEqualTo(1000);
            assertThat(context.getFsGroupChangePolicy()).isEqualTo("OnRootMismatch");
        }
    }
}
