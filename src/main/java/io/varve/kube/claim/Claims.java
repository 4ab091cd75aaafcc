package io.varve.kube.claim;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.ClusterUsageException;
import io.varve.kube.api.Kind;
import io.varve.kube.api.Ownership;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds claims and says which of them can be backed up. Safe for many threads. */
public final class Claims {

    /**
     * Annotation of a claim that a restore in place wrote to and did not end, with the run: a file
     * system in it is damaged until another restore has ended.
     */
    public static final String INCOMPLETE_RESTORE = "varve.io/incomplete-restore";

    private final ClusterApi api;

    public Claims(ClusterApi api) {
        this.api = api;
    }

    /**
     * @throws ClusterUsageException if there is no such claim
     */
    public ClaimState find(String namespace, String name) throws IOException {
        return state(get(namespace, name));
    }

    /** The same of a claim that a restore is to write over, whatever another one left in it. */
    public ClaimState findToRestore(String namespace, String name) throws IOException {
        PersistentVolumeClaim claim = get(namespace, name);
        Optional.ofNullable(claim.getMetadata().getAnnotations())
                .ifPresent(annotations -> annotations.remove(INCOMPLETE_RESTORE));
        return state(claim);
    }

    private PersistentVolumeClaim get(String namespace, String name) throws IOException {
        return api.get(Kind.CLAIM, namespace, name)
                .orElseThrow(
                        () ->
                                new ClusterUsageException(
                                        "there is no claim %s in namespace %s"
                                                .formatted(name, namespace)));
    }

    /**
     * Every claim that one of the selections allows, by namespace and name; never one of Varve's.
     */
    public List<ClaimState> select(List<ClaimSelection> selections) throws IOException {
        Map<String, PersistentVolumeClaim> found = new LinkedHashMap<>();
        for (ClaimSelection selection : selections) {
            for (PersistentVolumeClaim claim : list(selection)) {
                if (allows(selection, claim)) {
                    found.put(claim.getMetadata().getUid(), claim);
                }
            }
        }
        List<ClaimState> states = new ArrayList<>();
        for (PersistentVolumeClaim claim : found.values()) {
            states.add(state(claim));
        }
        states.sort(Comparator.comparing(ClaimState::namespace).thenComparing(ClaimState::name));
        return states;
    }

    /** A launcher may have rights in the named namespaces alone. */
    private List<PersistentVolumeClaim> list(ClaimSelection selection) throws IOException {
        if (selection.namespacesByName().isEmpty()) {
            return api.list(Kind.CLAIM, "", selection.labelSelector());
        }
        List<PersistentVolumeClaim> claims = new ArrayList<>();
        for (String namespace : selection.namespacesByName()) {
            claims.addAll(api.list(Kind.CLAIM, namespace, selection.labelSelector()));
        }
        return claims;
    }

    private static boolean allows(ClaimSelection selection, PersistentVolumeClaim claim) {
        return !Ownership.labelOf(claim, Ownership.MANAGED_BY).equals(Ownership.VARVE)
                && selection.allows(
                        claim.getMetadata().getNamespace(),
                        claim.getMetadata().getName(),
                        Optional.ofNullable(claim.getSpec().getStorageClassName()).orElse(""));
    }

    private ClaimState state(PersistentVolumeClaim claim) throws IOException {
        String volumeName = claim.getSpec().getVolumeName();
        Optional<PersistentVolume> volume =
                volumeName == null || volumeName.isEmpty()
                        ? Optional.empty()
                        : api.get(Kind.VOLUME, "", volumeName);
        Optional<String> reason = ClaimReading.unsupported(claim, volume);
        if (reason.isPresent() || volume.isEmpty()) {
            return new ClaimState.Unsupported(
                    claim.getMetadata().getNamespace(),
                    claim.getMetadata().getName(),
                    reason.orElse("its volume is gone"));
        }
        return new ClaimState.Ready(
                ClaimReading.read(claim, volume.get(), fsTypeOfClass(claim, volume.get())));
    }

    /** Asked only where the volume does not say itself. */
    private String fsTypeOfClass(PersistentVolumeClaim claim, PersistentVolume volume)
            throws IOException {
        String name = claim.getSpec().getStorageClassName();
        if (name == null || name.isEmpty() || !ClaimReading.lacksFsType(volume)) {
            return "";
        }
        return api.get(Kind.STORAGE_CLASS, "", name)
                .map(StorageClass::getParameters)
                .map(parameters -> parameters.getOrDefault(ClaimReading.FS_TYPE_PARAMETER, ""))
                .orElse("");
    }
}
