package io.varve.mover.block;

import java.io.IOException;

/**
 * Keeps a process that others have given up from changing what they rely on. Asked right before
 * what cannot be taken back.
 */
@FunctionalInterface
public interface Fence {

    /** For work that nobody else can take over. */
    Fence OPEN = () -> {};

    /**
     * Returns if this process still holds the right to its work.
     *
     * @throws IOException if another one has it
     */
    void check() throws IOException;
}
