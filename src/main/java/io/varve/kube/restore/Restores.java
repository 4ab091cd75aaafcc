package io.varve.kube.restore;

import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.RunObjects;
import io.varve.kube.claim.Claims;
import io.varve.kube.mover.Copies;
import io.varve.kube.mover.ExposedClaim;
import io.varve.kube.mover.Exposer;
import io.varve.kube.mover.Movers;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Brings a backup's bytes into a claim. Safe for many threads, one call at a time for each run.
 *
 * <p>The order of calls, with {@link Movers} between them:
 *
 * <pre>
 * a new claim             in place
 * provision               takeOver
 * Movers.start, awaitStarted; the mover writes and verifies; Movers.stop
 * bind                    giveBack
 * remove, after a failure for good, a cancel, or by a sweep
 * </pre>
 *
 * <p>A process that is killed in any of them is followed by one that makes the same call with the
 * same arguments: it goes on where the first one stopped. {@code bind} and {@code giveBack} stop
 * the movers themselves and wait until their pods and attachments are gone. After {@code provision}
 * or {@code takeOver} all that a run has is found by its {@link RunObjects}; {@code remove} may be
 * called at any point, also where there is nothing to remove.
 *
 * <p>The claim in the end bears the run in its annotations, and no label of Varve's: it is the
 * user's, and is backed up like any other.
 */
public final class Restores {

    private final ClusterApi api;
    private final Function<String, Copies> copies;

    /** Nothing is copied for temporary claims. */
    public Restores(ClusterApi api) {
        this(api, storageClass -> Copies.NONE);
    }

    private Restores(ClusterApi api, Function<String, Copies> copies) {
        this.api = api;
        this.copies = copies;
    }

    /**
     * The same with copies of what drivers want beside a temporary claim.
     *
     * @param copies what that is for a storage class; read in the namespace of the claim
     */
    public Restores copying(Function<String, Copies> copies) {
        return new Restores(api, copies);
    }

    /**
     * Makes the temporary claim, empty and in Block mode, that a mover can write. Waits until it is
     * bound, unless the mover's pod is the consumer that its class waits for. It is at least as big
     * as {@code wanted}; its bytes are zero as far as the storage promises that of new volumes.
     *
     * @throws io.varve.kube.api.ClusterUsageException before anything is made: a claim of that name
     *     is there, its namespace, class or node is not, nor what is to be copied, or it is too
     *     small for the backup
     * @throws io.varve.kube.api.WaitTimeoutException with what the provisioner says
     */
    public ExposedClaim provision(
            RunObjects objects,
            WantedClaim wanted,
            long backupBytes,
            ProvisionSettings settings,
            BooleanSupplier stop)
            throws IOException {
        return new NewClaim(api, copies).provision(objects, wanted, backupBytes, settings, stop);
    }

    /**
     * Makes the wanted claim and binds it to the volume that was written. Its PersistentVolume has
     * then the reclaim policy of its class. A namespace that was made for it stays in any case.
     */
    public RestoredClaim bind(RunObjects objects, WantedClaim wanted, BooleanSupplier stop)
            throws IOException {
        return new NewClaim(api, copies).bind(objects, wanted, stop);
    }

    /**
     * Takes a bound claim away from everybody and makes its volume available in Block mode. From
     * here until it is given back pods that name the claim do not start. A claim that other tools
     * make under its name meanwhile is not bound to its volume, and has to be removed by hand.
     *
     * @throws io.varve.kube.api.ClusterUsageException before anything is changed: a pod uses the
     *     claim, in whatever phase, or it is not bound, or too small, or what is to be copied is
     *     not there
     */
    public ExposedClaim takeOver(
            RunObjects objects,
            String namespace,
            String name,
            long backupBytes,
            BooleanSupplier stop)
            throws IOException {
        return new InPlace(api, copies).takeOver(objects, namespace, name, backupBytes, stop);
    }

    /**
     * The pods for which {@link #takeOver} would refuse a claim, in whatever phase they are.
     * Changes nothing.
     *
     * @throws io.varve.kube.api.ClusterUsageException if it would be refused without them
     */
    public List<String> usedBy(String namespace, String name, long backupBytes) throws IOException {
        return new InPlace(api, copies).usedBy(namespace, name, backupBytes);
    }

    /** Makes the claim again as it was, bound to its own PersistentVolume. Its UID is a new one. */
    public RestoredClaim giveBack(
            RunObjects objects, String namespace, String name, BooleanSupplier stop)
            throws IOException {
        return new InPlace(api, copies).giveBack(objects, namespace, name, stop);
    }

    /** Whether a volume is on its way from one claim to another: {@link #remove} moves it back. */
    public boolean isRebinding(RunObjects objects) throws IOException {
        return new RestoreJournal(api).read(objects).isPresent();
    }

    /**
     * Ends a run wherever it is. What was provisioned is deleted, in the storage too, unless the
     * wanted claim is bound already: then the restore is brought to its end. A claim that was taken
     * over is given back; if a mover may have written, it bears {@link Claims#INCOMPLETE_RESTORE}.
     */
    public void remove(RunObjects objects, BooleanSupplier stop) throws IOException {
        Optional<RestoreJournal.Entry> entry = new RestoreJournal(api).read(objects);
        if (entry.isEmpty()) {
            new Movers(api).stop(objects, stop);
            new Exposer(api).remove(objects, stop);
            return;
        }
        switch (entry.get().rebind().way()) {
            case NEW_CLAIM -> new NewClaim(api, copies).undo(objects, entry.get(), stop);
            case IN_PLACE -> new InPlace(api, copies).abandon(objects, entry.get(), stop);
        }
    }
}
