package io.varve.kube.mover;

import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSecurityContextBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraintBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.varve.kube.api.Ownership;
import io.varve.kube.api.Role;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A mover's pod: the device, a place for temporary files, and as little else as can be. */
final class MoverPod {

    /** A checkpoint takes a minute at worst; after that it may as well be killed. */
    private static final long GRACE_SECONDS = 120;

    /** Tells a mover which node it is on: only so many of them work there at once. */
    private static final String NODE = "VARVE_NODE";

    /** Where a container writes what its status is to say; anywhere else it could not write. */
    private static final String LAST_WORDS = "/dev/termination-log";

    private static final KubernetesSerialization JSON = new KubernetesSerialization();

    private final MoverClaim claim;
    private final MoverCommand command;
    private final MoverSettings settings;

    MoverPod(MoverClaim claim, MoverCommand command, MoverSettings settings) {
        this.claim = claim;
        this.command = command;
        this.settings = settings;
    }

    /**
     * @param installation as the pods' label has it
     */
    PodSpec spec(String installation) {
        MoverSettings.Placement placement = settings.placement();
        Map<String, String> nodes = new LinkedHashMap<>(placement.nodeSelector());
        nodes.put("kubernetes.io/os", "linux");
        PodSpecBuilder spec =
                new PodSpecBuilder(JSON.convertValue(podFields(), PodSpec.class))
                        .withRestartPolicy("Never")
                        .withServiceAccountName(settings.serviceAccount())
                        .withAutomountServiceAccountToken(false)
                        .withEnableServiceLinks(false)
                        .withTerminationGracePeriodSeconds(GRACE_SECONDS)
                        .withNodeSelector(nodes)
                        .withTolerations(tolerations())
                        .withImagePullSecrets(
                                settings.extras().imagePullSecrets().stream()
                                        .map(LocalObjectReference::new)
                                        .toList())
                        .withSecurityContext(securityContext())
                        .withContainers(container())
                        .withVolumes(new MoverVolumes(claim, command, settings).volumes());
        if (!placement.affinity().isEmpty()) {
            spec.withAffinity(JSON.convertValue(placement.affinity(), Affinity.class));
        }
        if (!placement.priorityClass().isEmpty()) {
            spec.withPriorityClassName(placement.priorityClass());
        }
        if (placement.spreadByHostname()) {
            spec.withTopologySpreadConstraints(apart(installation));
        }
        return spec.build();
    }

    /** Only these: another field could undo what the pod promises. */
    private Map<String, Object> podFields() {
        Map<String, Object> fields = new TreeMap<>(settings.extras().podFields());
        fields.keySet().retainAll(MoverSettings.Extras.POD_FIELDS);
        return fields;
    }

    private List<Toleration> tolerations() {
        return settings.placement().tolerations().stream()
                .map(toleration -> JSON.convertValue(toleration, Toleration.class))
                .toList();
    }

    private static TopologySpreadConstraint apart(String installation) {
        return new TopologySpreadConstraintBuilder()
                .withMaxSkew(1)
                .withTopologyKey("kubernetes.io/hostname")
                .withWhenUnsatisfiable("ScheduleAnyway")
                .withNewLabelSelector()
                .addToMatchLabels(Ownership.ROLE, Role.MOVER.toString())
                .addToMatchLabels(Ownership.INSTALLATION, installation)
                .endLabelSelector()
                .build();
    }

    private PodSecurityContext securityContext() {
        PodSecurityContextBuilder context =
                new PodSecurityContextBuilder()
                        .withNewSeccompProfile()
                        .withType("RuntimeDefault")
                        .endSeccompProfile();
        switch (settings.runAs()) {
            case RunAs.Root() -> context.withRunAsUser(0L);
            case RunAs.SupplementalGroup(long user, long group) ->
                    ordinary(context, user).withSupplementalGroups(group);
            case RunAs.DeviceOwner(long user) -> ordinary(context, user);
        }
        return context.build();
    }

    /**
     * With a group of its own, to which mounted volumes belong as well: a fresh one is root's, and
     * a repository's folder the launchers'. To a device it does nothing.
     */
    private static PodSecurityContextBuilder ordinary(
            PodSecurityContextBuilder context, long user) {
        return context.withRunAsUser(user)
                .withRunAsGroup(user)
                .withRunAsNonRoot(true)
                .withFsGroup(user)
                .withFsGroupChangePolicy("OnRootMismatch");
    }

    private Container container() {
        return new ContainerBuilder()
                .withName(MoverJob.CONTAINER)
                .withImage(settings.image())
                .withArgs(command.arguments())
                .withEnv(environment())
                .withResources(resources())
                .withTerminationMessagePath(LAST_WORDS)
                .withTerminationMessagePolicy("FallbackToLogsOnError")
                .withNewSecurityContext()
                .withPrivileged(false)
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .endSecurityContext()
                .addNewVolumeDevice()
                .withName(MoverVolumes.DEVICE)
                .withDevicePath(command.devicePath())
                .endVolumeDevice()
                .withVolumeMounts(new MoverVolumes(claim, command, settings).mounts())
                .build();
    }

    private List<EnvVar> environment() {
        Map<String, String> plain = new TreeMap<>(settings.extras().environment());
        plain.putAll(command.environment());
        plain.put("VARVE_TERMINATION_MESSAGE", LAST_WORDS);
        command.secretEnvironment().forEach(secret -> plain.remove(secret.variable()));
        plain.remove(NODE);
        List<EnvVar> variables = new ArrayList<>();
        variables.add(
                new EnvVarBuilder()
                        .withName(NODE)
                        .withNewValueFrom()
                        .withNewFieldRef("v1", "spec.nodeName")
                        .endValueFrom()
                        .build());
        plain.forEach((name, value) -> variables.add(new EnvVar(name, value, null)));
        for (SecretVariable secret : command.secretEnvironment()) {
            variables.add(
                    new EnvVarBuilder()
                            .withName(secret.variable())
                            .withNewValueFrom()
                            .withNewSecretKeyRef(secret.key(), secret.secret(), false)
                            .endValueFrom()
                            .build());
        }
        return variables;
    }

    private ResourceRequirements resources() {
        return new ResourceRequirementsBuilder()
                .withRequests(quantities(settings.resources().requests()))
                .withLimits(quantities(settings.resources().limits()))
                .build();
    }

    private static Map<String, Quantity> quantities(Map<String, String> amounts) {
        return amounts.entrySet().stream()
                .collect(
                        Collectors.toMap(
                                Map.Entry::getKey, entry -> Quantity.parse(entry.getValue())));
    }
}
