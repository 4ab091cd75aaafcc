package io.varve.job;

import io.varve.cbt.csi.TrackedBlocks;
import io.varve.kube.mover.MoverState;
import io.varve.kube.snapshot.TakenSnapshot;
import io.varve.mover.block.TrackingTrust;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * What one run of a claim's backup asks of the cluster. Each call may be repeated: it finds what an
 * earlier process left. Those that wait end within seconds of a stop, by {@code
 * java.io.InterruptedIOException}.
 */
public interface ClaimVolume {

    /** Takes the VolumeSnapshot of this run, or finds it, and waits until it can be used. */
    TakenSnapshot take(BooleanSupplier stop) throws IOException;

    /** The VolumeSnapshot of this run, if it still stands. */
    Optional<TakenSnapshot> find() throws IOException;

    /**
     * Asks the storage what must be read.
     *
     * @param baseId the point in time to count changes from; empty for what is allocated
     * @throws io.varve.cbt.csi.TrackingException if the storage refuses to be asked
     */
    TrackedBlocks track(TakenSnapshot snapshot, Optional<String> baseId, BooleanSupplier stop)
            throws IOException;

    /** How far the storage's answers are relied on. */
    TrackingTrust trust();

    /**
     * Starts a process that has the VolumeSnapshot as a device.
     *
     * @param attempt another number for each start
     */
    void startMover(TakenSnapshot snapshot, long attempt, MoverOrder order, BooleanSupplier stop)
            throws IOException;

    /** How the process of an attempt fares. */
    MoverState mover(long attempt) throws IOException;

    /** Ends all processes of this run; when it returns none has the device any more. */
    void stopMovers(BooleanSupplier stop) throws IOException;

    /**
     * Removes all that the run made in the cluster.
     *
     * @param newest the backup that was published of this VolumeSnapshot, if one was: what the
     *     storage needs to compute changes since then stays
     * @return what could not be removed, for people
     */
    List<String> release(Optional<PublishedSnapshot> newest) throws IOException;

    /**
     * A backup and the VolumeSnapshot that it is of.
     *
     * @param former what the backup before it was read from
     */
    record PublishedSnapshot(TakenSnapshot snapshot, String backupId, Former former) {}

    /** Asked only where it is needed. */
    @FunctionalInterface
    interface Former {

        /** The snapshot of the volume's newest older backup in this repository. */
        Optional<StoredSnapshot> find() throws IOException;
    }
}
