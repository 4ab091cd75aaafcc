package io.varve.kube;

/** What a run's own records say of it. */
public enum RunFate {
    /** It runs, or may be continued: its objects are left alone. */
    LIVE,
    /** Nobody will continue it. */
    ENDED,
    /** There is no record of it: its objects are reported, and left alone. */
    UNKNOWN
}
