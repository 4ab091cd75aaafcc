package io.varve.cli;

/** How a command ended, for the shell and for Kubernetes. The numbers are a contract. */
public enum ExitCode {
    DONE(0),
    /** A full disk, an unreadable block, a database that is gone: the message says what helps. */
    FAILED(1),
    /** Wrong usage or configuration: the same command fails again. */
    USAGE(2),
    /** Done, with warnings: a fallback to a full backup, a leftover that could not be removed. */
    WARNINGS(3),
    NO_REPOSITORY(10),
    /** Another run holds this volume, or the database. */
    BUSY(11),
    /** The format blob does not decrypt: wrong password, or it is damaged. */
    WRONG_PASSWORD(12),
    DAMAGED(13),
    /** Stopped at a checkpoint; the same command goes on from there. */
    STOPPED(75);

    private final int number;

    ExitCode(int number) {
        this.number = number;
    }

    /** What the process ends with. */
    public int number() {
        return number;
    }
}
