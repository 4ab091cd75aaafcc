package io.varve.kube.snapshot;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.ClusterException;
import io.varve.kube.api.Kind;
import io.varve.kube.api.Ownership;
import io.varve.kube.api.Role;
import io.varve.kube.api.RunObjects;
import java.io.IOException;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** VolumeSnapshots that stay until a newer backup is published. Safe for many threads. */
public final class RetainedBases {

    private final ClusterApi api;
    private final SnapshotPair pair;
    private final FreedHandle freed;

    public RetainedBases(ClusterApi api) {
        this.api = api;
        this.pair = new SnapshotPair(api);
        this.freed = new FreedHandle(api);
    }

    /** From now on {@link Snapshots#delete} and the sweep leave it. Repeating it is harmless. */
    public void retain(
            TakenSnapshot snapshot, RunObjects objects, String volumeHandle, String backupId)
            throws IOException {
        Map<String, Object> marks =
                Map.of(
                        "metadata",
                        Map.of(
                                "labels",
                                Map.of(
                                        Ownership.ROLE,
                                        Role.BASE.toString(),
                                        Ownership.VOLUME_HANDLE,
                                        Ownership.label(volumeHandle)),
                                "annotations",
                                Map.of(
                                        Ownership.VOLUME_HANDLE,
                                        volumeHandle,
                                        Ownership.BACKUP,
                                        backupId)));
        Optional<SnapshotObject> there = pair.snapshot(objects);
        Optional<ContentObject> content = pair.content(objects);
        if (there.isEmpty() || content.isEmpty()) {
            throw new ClusterException(
                    "%s cannot be kept as a base: it is gone; the next backup of the volume cannot ask for changes"
                            .formatted(Kind.SNAPSHOT.text(snapshot.namespace(), snapshot.name())));
        }
        // The VolumeSnapshot's role is the one that counts: after a kill in between nothing is
        // kept.
        api.patch(Kind.CONTENT, content.get().object(), now -> marks);
        api.patch(Kind.SNAPSHOT, there.get().object(), now -> marks);
    }

    /** The bases of one volume in one repository, the newest first. */
    public List<RetainedBase> find(String volumeHandle, String repository) throws IOException {
        return all().stream()
                .filter(base -> base.volumeHandle().equals(volumeHandle))
                .filter(base -> base.owner().repository().equals(repository))
                .toList();
    }

    /** Every base of this installation: for those whose volume no definition covers any more. */
    public List<RetainedBase> all() throws IOException {
        List<GenericKubernetesResource> found =
                api.list(Kind.SNAPSHOT, api.namespace(), api.ownership().selector(Role.BASE));
        Map<String, ContentObject> contents =
                api.list(Kind.CONTENT, "", api.ownership().selector(Role.BASE)).stream()
                        .map(ContentObject::new)
                        .collect(Collectors.toMap(ContentObject::name, content -> content));
        return found.stream()
                .filter(object -> api.ownership().isOurs(object))
                .map(SnapshotObject::new)
                .flatMap(snapshot -> base(snapshot, contents).stream())
                .sorted(Comparator.comparing(RetainedBase::createdAt).reversed())
                .toList();
    }

    private static Optional<RetainedBase> base(
            SnapshotObject snapshot, Map<String, ContentObject> contents) {
        Optional<ContentObject> content =
                snapshot.content().flatMap(name -> Optional.ofNullable(contents.get(name)));
        return Ownership.owner(snapshot.object())
                .map(
                        owner ->
                                new RetainedBase(
                                        snapshot.namespace(),
                                        snapshot.name(),
                                        owner,
                                        text(snapshot, Ownership.VOLUME_HANDLE),
                                        text(snapshot, Ownership.BACKUP),
                                        content.map(ContentObject::driver).orElse(""),
                                        content.flatMap(ContentObject::handle).orElse(""),
                                        content.map(each -> SnapshotPair.createdAt(snapshot, each))
                                                .orElse(Instant.EPOCH)));
    }

    private static String text(SnapshotObject snapshot, String annotation) {
        return Ownership.annotation(snapshot.object(), annotation).orElse("");
    }

    /**
     * Deletes it in the storage, and waits until that is done.
     *
     * @return why the storage's snapshot was kept, if it was: somebody else's content names it too
     */
    public Optional<String> free(RetainedBase base, BooleanSupplier stop) throws IOException {
        return freed.delete(pair.snapshot(base.owner()), pair.content(base.owner()), stop);
    }

    /**
     * The same where no object is left: a content is built for the handle and deleted.
     *
     * @param snapshotClass used if it still exists; may be empty
     * @param deletionSecrets as {@link TakenSnapshot} had them
     */
    public Optional<String> freeByHandle(
            String driver,
            String handle,
            String snapshotClass,
            Map<String, String> deletionSecrets,
            BooleanSupplier stop)
            throws IOException {
        for (RetainedBase base : all()) {
            if (base.driver().equals(driver) && base.handle().equals(handle)) {
                return free(base, stop);
            }
        }
        return freed.delete(driver, handle, snapshotClass, deletionSecrets, stop);
    }

    /** Names of contents that a killed {@link #freeByHandle} left. */
    public List<String> halfFreed() throws IOException {
        return freed.begun().stream().map(ContentObject::name).toList();
    }

    /** Ends what {@link #halfFreed} gave; one that is gone by now is fine. */
    public Optional<String> endFreeing(String content, BooleanSupplier stop) throws IOException {
        for (ContentObject begun : freed.begun()) {
            if (begun.name().equals(content)) {
                return freed.delete(Optional.empty(), Optional.of(begun), stop);
            }
        }
        return Optional.empty();
    }

    /** Those that a newer one of the same volume in the same repository stands beside. */
    List<RetainedBase> superseded() throws IOException {
        Set<List<String>> seen = new HashSet<>();
        return all().stream()
                .filter(base -> !seen.add(List.of(base.volumeHandle(), base.owner().repository())))
                .toList();
    }
}
