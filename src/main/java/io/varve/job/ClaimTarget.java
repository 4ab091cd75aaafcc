package io.varve.job;

import io.varve.kube.mover.MoverState;
import io.varve.kube.restore.RestoredClaim;
import io.varve.repository.Backup;
import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * What one run of a restore into a claim asks of the cluster. Each call may be repeated: it finds
 * what an earlier process left. Those that wait end within seconds of a stop, by {@code
 * java.io.InterruptedIOException}.
 */
public interface ClaimTarget {

    /**
     * Makes the volume available to a mover: a new one, or that of the claim, which goes until it
     * is bound again.
     *
     * @param bytes of the backup's volume
     * @throws io.varve.kube.api.ClusterUsageException if the claim cannot be had
     */
    void provision(long bytes, BooleanSupplier stop) throws IOException;

    /**
     * Asks the storage what of the provisioned volume may differ from the backup: of one that
     * nobody writes to.
     */
    ChangedSince changedSince(Backup backup, BooleanSupplier stop) throws IOException;

    /**
     * The pods that use a claim that is there, in whatever state they are: {@link #provision} would
     * refuse it because of them. Looks, and changes nothing.
     *
     * @param bytes of the backup's volume
     * @throws io.varve.kube.api.ClusterUsageException if the claim cannot be had, whoever uses it
     */
    List<String> usedBy(long bytes) throws IOException;

    /**
     * Asks the storage the same as {@link #changedSince} of a claim that is not taken: until now,
     * for whoever uses it may go on writing.
     */
    ChangedSince changedUntilNow(Backup backup, BooleanSupplier stop) throws IOException;

    /**
     * Starts a process that has the volume as a device.
     *
     * @param attempt another number for each start
     */
    void startMover(long attempt, MoverOrder order, BooleanSupplier stop) throws IOException;

    /** How the process of an attempt fares. */
    MoverState mover(long attempt) throws IOException;

    /** Ends all processes of this run; when it returns none has the device any more. */
    void stopMovers(BooleanSupplier stop) throws IOException;

    /** Gives the written volume to the claim. */
    RestoredClaim bind(BooleanSupplier stop) throws IOException;

    /**
     * Undoes all of it: what was made goes, a claim that was taken comes back, and says that it is
     * written in part if it may be.
     */
    void remove(BooleanSupplier stop) throws IOException;
}
