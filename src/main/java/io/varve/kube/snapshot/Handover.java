package io.varve.kube.snapshot;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.ClusterException;
import io.varve.kube.api.Kind;
import io.varve.kube.api.ObjectEvents;
import io.varve.kube.api.Ownership;
import io.varve.kube.api.Role;
import io.varve.kube.api.RunObjects;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Moves a snapshot from the claim's namespace into Varve's: from one pair of objects to another.
 *
 * <p>The source's content gets the policy Retain before the second content is made, which has
 * Delete; two with Delete would each destroy what the other stands for. Each method goes on
 * wherever a killed process stopped.
 */
final class Handover {

    private final ClusterApi api;
    private final Journal journal;
    private final SnapshotPair pair;
    private final SnapshotRemoval removal;

    Handover(ClusterApi api) {
        this.api = api;
        this.journal = new Journal(api);
        this.pair = new SnapshotPair(api);
        this.removal = new SnapshotRemoval(api);
    }

    TakenSnapshot finish(
            RunObjects objects,
            Journal.Entry entry,
            Duration limit,
            List<String> warnings,
            BooleanSupplier stop)
            throws IOException {
        Journal.Entry retained = entry.retained() ? entry : retain(objects, entry);
        Cut cut = retained.cut();
        pair.create(objects, cut, stop);
        TakenSnapshot taken = pair.awaitReady(objects, limit, warnings, stop);
        removeSource(cut, stop);
        journal.remove(retained);
        return taken;
    }

    private Journal.Entry retain(RunObjects objects, Journal.Entry entry) throws IOException {
        Cut cut = entry.cut();
        Optional<ContentObject> content = sourceContent(cut);
        Optional<ContentObject> kept = Optional.empty();
        if (content.isPresent()) {
            kept = removal.keep(content.get(), marks(objects));
        }
        if (kept.isEmpty()) {
            journal.remove(entry);
            throw new ClusterException(
                    "%s of %s: deleted by somebody while it was needed, perhaps with its namespace; a relaunch takes another"
                            .formatted(
                                    Kind.CONTENT.text("", cut.content()),
                                    Kind.SNAPSHOT.text(
                                            cut.snapshot().namespace(), cut.snapshot().name())));
        }
        return journal.markRetained(entry);
    }

    /** What lets {@link #destroyContents} find a content, should everything else be gone. */
    private Map<String, Object> marks(RunObjects objects) {
        ObjectMeta marks = api.ownership().metadata(objects, Role.SOURCE_SNAPSHOT, "", "");
        return Map.of("labels", marks.getLabels(), "annotations", marks.getAnnotations());
    }

    /** Removes the objects of the source's namespace; the snapshot itself stays. */
    private void removeSource(Cut cut, BooleanSupplier stop) throws IOException {
        removal.pair(sourceSnapshot(cut), sourceContent(cut), stop);
    }

    /**
     * Deletes all, whatever is there. After it, neither the storage nor the cluster knows anything
     * of it.
     */
    void abort(RunObjects objects, Journal.Entry written, BooleanSupplier stop) throws IOException {
        Journal.Entry entry = written;
        Cut cut = entry.cut();
        if (pair.content(objects).isPresent()) {
            removeSource(cut, stop);
        } else {
            Optional<ContentObject> source = sourceContent(cut);
            if (source.isPresent()) {
                source = removal.release(source.get());
            }
            boolean outlives = source.map(ContentObject::isRetained).orElseGet(entry::retained);
            if (outlives && !entry.retained()) {
                entry = journal.markRetained(entry);
            }
            removal.pair(sourceSnapshot(cut), source, stop);
            if (outlives) {
                // Nothing in the cluster knows the snapshot any more: what does is built once more.
                pair.create(objects, cut, stop);
            }
        }
        // From here on the pair, if there is one, is all that knows the snapshot.
        journal.remove(entry);
    }

    /** Deletes a VolumeSnapshot of the source's namespace with what it stands for. */
    private void destroy(
            Optional<SnapshotObject> snapshot,
            Optional<ContentObject> content,
            BooleanSupplier stop)
            throws IOException {
        removal.pair(
                snapshot,
                content.isPresent() ? removal.release(content.get()) : Optional.empty(),
                stop);
    }

    /** Deletes a VolumeSnapshot that no journal tells of: it may still be about to be cut. */
    void destroy(RunObjects objects, SnapshotObject source, BooleanSupplier stop)
            throws IOException {
        Optional<ContentObject> content = contentOf(source);
        if (content.isEmpty() && source.isSeenByController() && !source.isDeleting()) {
            // What the controller is about to make would have its class's policy, which may be
            // Retain.
            content =
                    api.wait(api.waits().gone(), stop)
                            .until(
                                    source + ": neither cut nor failed, and so not deleted",
                                    () -> settled(source),
                                    () -> controllerSays(source.object()));
        }
        if (content.isPresent() && outlivesItsContent(content.get())) {
            abort(objects, writtenNow(objects, content.get(), stop), stop);
            return;
        }
        destroy(Optional.of(source), content, stop);
        if (content.isEmpty()) {
            // The controller may have seen it just before it went. Until it is marked only this
            // process
            // knows of it: who dies here leaves a content that bears no name of ours.
            Optional<ContentObject> late = contentOf(source);
            if (late.isPresent()) {
                removal.mark(late.get(), marks(objects));
                destroy(Optional.empty(), held(late.get(), stop), stop);
            }
        }
    }

    /** Its deletion would be the last that anybody hears of its snapshot. */
    private static boolean outlivesItsContent(ContentObject content) {
        return content.isDeleting() && content.isRetained() && content.handle().isPresent();
    }

    /** A journal for what was cut and is deleted without having been moved. */
    private Journal.Entry writtenNow(
            RunObjects objects, ContentObject content, BooleanSupplier stop) throws IOException {
        Cut cut =
                new Cut(
                        content.source(),
                        content.name(),
                        content.uid(),
                        content.driver(),
                        content.snapshotClass(),
                        content.handle().orElseThrow(),
                        Optional.empty(),
                        content.restoreSize(),
                        content.createdAt().orElse(Instant.EPOCH),
                        SnapshotAnnotations.copied(content.annotations()),
                        Ownership.labelOf(content.object(), SnapshotAnnotations.MANAGED_BY));
        return journal.write(objects, cut, stop);
    }

    /** Once its finalizer is there: without one it would vanish while its driver cuts. */
    private Optional<ContentObject> held(ContentObject content, BooleanSupplier stop)
            throws IOException {
        return api.wait(api.waits().gone(), stop)
                .until(
                        content + ": the snapshot-controller has not put its finalizer",
                        () -> {
                            Optional<ContentObject> now = removal.read(content);
                            return now.isEmpty() || now.get().hasFinalizer()
                                    ? Optional.of(now)
                                    : Optional.empty();
                        },
                        () -> controllerSays(content.object()));
    }

    private List<String> controllerSays(GenericKubernetesResource object) throws IOException {
        List<String> said = new ObjectEvents(api).warnings(object);
        return said.isEmpty() ? List.of("is the snapshot-controller running") : said;
    }

    private Optional<Optional<ContentObject>> settled(SnapshotObject source) throws IOException {
        Optional<ContentObject> content = contentOf(source);
        Optional<SnapshotObject> now =
                api.get(Kind.SNAPSHOT, source.namespace(), source.name()).map(SnapshotObject::new);
        boolean ended = now.isEmpty() || now.get().error().isPresent();
        return content.isPresent() || ended ? Optional.of(content) : Optional.empty();
    }

    /**
     * The content that a VolumeSnapshot is bound to or, by the controller's way to name it, will
     * be.
     */
    private Optional<ContentObject> contentOf(SnapshotObject snapshot) throws IOException {
        String name = snapshot.content().orElse("snapcontent-" + snapshot.uid());
        return api.get(Kind.CONTENT, "", name)
                .map(ContentObject::new)
                .filter(content -> content.refersTo(snapshot));
    }

    /** VolumeSnapshots that a run left in whichever namespace; a copy has another name. */
    List<SnapshotObject> sources(RunObjects objects) throws IOException {
        Ownership ownership = api.ownership();
        return api
                .list(Kind.SNAPSHOT, "", ownership.selector(objects, Role.SOURCE_SNAPSHOT))
                .stream()
                .filter(object -> ownership.isOf(objects, object))
                .map(SnapshotObject::new)
                .filter(snapshot -> snapshot.name().equals(objects.sourceSnapshot()))
                .toList();
    }

    /**
     * Deletes what lost its VolumeSnapshot and its journal on the way.
     *
     * @param pair whether another content stands for the snapshot by now, which then decides on it
     */
    void destroyContents(RunObjects objects, boolean pair, BooleanSupplier stop)
            throws IOException {
        Ownership ownership = api.ownership();
        for (GenericKubernetesResource object :
                api.list(Kind.CONTENT, "", ownership.selector(objects, Role.SOURCE_SNAPSHOT))) {
            Optional<ContentObject> content = Optional.of(new ContentObject(object));
            if (!ownership.isOf(objects, object)) {
                continue;
            }
            if (pair) {
                removal.pair(Optional.empty(), content, stop);
            } else if (outlivesItsContent(content.get())) {
                abort(objects, writtenNow(objects, content.get(), stop), stop);
            } else {
                destroy(Optional.empty(), held(content.get(), stop), stop);
            }
        }
    }

    private Optional<SnapshotObject> sourceSnapshot(Cut cut) throws IOException {
        return api.get(Kind.SNAPSHOT, cut.snapshot().namespace(), cut.snapshot().name())
                .map(SnapshotObject::new)
                .filter(snapshot -> snapshot.uid().equals(cut.snapshot().uid()));
    }

    private Optional<ContentObject> sourceContent(Cut cut) throws IOException {
        return api.get(Kind.CONTENT, "", cut.content())
                .map(ContentObject::new)
                .filter(content -> content.uid().equals(cut.contentUid()));
    }
}
