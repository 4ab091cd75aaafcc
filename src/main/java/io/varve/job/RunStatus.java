package io.varve.job;

/** How an execution of a job ended. */
public enum RunStatus {
    COMPLETED,
    /** The message says why; the same command resumes it once that is mended. */
    FAILED,
    /** Stopped at a checkpoint because it was asked to; the same command resumes it. */
    STOPPED
}
