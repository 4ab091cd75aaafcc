package io.varve.kube.snapshot;

import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.RunObjects;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** VolumeSnapshots that stay until a newer backup is published. Safe for many threads. */
@SuppressWarnings("DoNotCallSuggester") // Signatures ahead of their bodies.
public final class RetainedBases {

    public RetainedBases(ClusterApi api) {}

    /** From now on {@link Snapshots#delete} and the sweep leave it. Repeating it is harmless. */
    public void retain(
            TakenSnapshot snapshot, RunObjects objects, String volumeHandle, String backupId)
            throws IOException {
        throw new UnsupportedOperationException();
    }

    /** The bases of one volume in one repository, the newest first. */
    public List<RetainedBase> find(String volumeHandle, String repository) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Every base of this installation: for those whose volume no definition covers any more. */
    public List<RetainedBase> all() throws IOException {
        throw new UnsupportedOperationException();
    }

    /**
     * Deletes it in the storage, and waits until that is done.
     *
     * @return why the storage's snapshot was kept, if it was: somebody else's content names it too
     */
    public Optional<String> free(RetainedBase base, BooleanSupplier stop) throws IOException {
        throw new UnsupportedOperationException();
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
        throw new UnsupportedOperationException();
    }
}
