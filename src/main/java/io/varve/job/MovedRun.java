package io.varve.job;

import io.varve.kube.mover.MoverState;
import io.varve.mover.block.StopRequest;
import io.varve.mover.block.TransferProgress;
import java.io.IOException;

/** A run whose bytes another process moves, as its launcher has it. */
interface MovedRun {

    String volumeName();

    /** Whether no process needs the device any more. */
    boolean isMoved() throws IOException;

    /**
     * Starts a process that has the device.
     *
     * @param attempt the execution that it works for
     */
    void startMover(long attempt, StopRequest stop) throws IOException;

    MoverState mover(long attempt) throws IOException;

    /**
     * Ends this run's movers.
     *
     * @throws LeaseLostException if they are a successor's by now, and are left alone
     */
    void stopMovers(StopRequest stop) throws IOException;

    /** Whether a mover waits until others have moved their volumes on its node. */
    boolean waitsForNode(long attempt);

    /** How far the process is that has the device. */
    void mirror(long execution, TransferProgress progress);

    void warn(String warning);
}
