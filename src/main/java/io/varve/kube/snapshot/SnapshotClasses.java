package io.varve.kube.snapshot;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.ClusterUsageException;
import io.varve.kube.api.Kind;
import io.varve.kube.api.Ownership;
import io.varve.kube.claim.SourceClaim;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Chooses a VolumeSnapshotClass: the wanted one, else the driver's default, else its only one. */
final class SnapshotClasses {

    private SnapshotClasses() {}

    static String choose(ClusterApi api, SourceClaim claim, Optional<String> wanted)
            throws IOException {
        return choose(api.list(Kind.SNAPSHOT_CLASS, "", ""), claim, wanted);
    }

    static String choose(
            List<GenericKubernetesResource> classes, SourceClaim claim, Optional<String> wanted)
            throws ClusterUsageException {
        if (wanted.isPresent()) {
            return wanted(classes, claim, wanted.get());
        }
        List<GenericKubernetesResource> candidates =
                classes.stream().filter(each -> driver(each).equals(claim.driver())).toList();
        List<String> defaults =
                candidates.stream()
                        .filter(SnapshotClasses::isDefault)
                        .map(SnapshotClasses::name)
                        .toList();
        if (defaults.size() == 1) {
            return defaults.getFirst();
        }
        if (candidates.size() == 1) {
            return name(candidates.getFirst());
        }
        if (candidates.isEmpty()) {
            throw new ClusterUsageException(
                    "claim %s: no VolumeSnapshotClass has its driver %s; the cluster has %s"
                            .formatted(claim.path(), claim.driver(), text(classes)));
        }
        throw new ClusterUsageException(
                "claim %s: %s of the VolumeSnapshotClasses of driver %s is the default (%s); name one, or annotate one with %s=true"
                        .formatted(
                                claim.path(),
                                defaults.isEmpty() ? "none" : "more than one",
                                claim.driver(),
                                text(defaults.isEmpty() ? names(candidates) : defaults),
                                SnapshotAnnotations.DEFAULT_CLASS));
    }

    private static String wanted(
            List<GenericKubernetesResource> classes, SourceClaim claim, String wanted)
            throws ClusterUsageException {
        GenericKubernetesResource found =
                classes.stream()
                        .filter(each -> name(each).equals(wanted))
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new ClusterUsageException(
                                                "claim %s: there is no VolumeSnapshotClass %s; the cluster has %s"
                                                        .formatted(
                                                                claim.path(),
                                                                wanted,
                                                                text(classes))));
        if (!driver(found).equals(claim.driver())) {
            throw new ClusterUsageException(
                    "claim %s: VolumeSnapshotClass %s is of driver %s, and the claim's is %s"
                            .formatted(claim.path(), wanted, driver(found), claim.driver()));
        }
        return wanted;
    }

    private static boolean isDefault(GenericKubernetesResource each) {
        return Ownership.annotation(each, SnapshotAnnotations.DEFAULT_CLASS)
                .filter("true"::equals)
                .isPresent();
    }

    private static String driver(GenericKubernetesResource each) {
        return Fields.text(each, "driver").orElse("");
    }

    private static String name(GenericKubernetesResource each) {
        return each.getMetadata().getName();
    }

    private static List<String> names(List<GenericKubernetesResource> classes) {
        return classes.stream().map(SnapshotClasses::name).sorted().toList();
    }

    private static String text(List<?> classes) {
        List<String> texts =
                classes.stream()
                        .map(
                                each ->
                                        each instanceof GenericKubernetesResource object
                                                ? "%s of %s".formatted(name(object), driver(object))
                                                : String.valueOf(each))
                        .toList();
        return texts.isEmpty() ? "none" : String.join(", ", texts);
    }
}
