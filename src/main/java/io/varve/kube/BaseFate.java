package io.varve.kube;

/** What those who know backups say of a retained base. */
public sealed interface BaseFate {

    /** The next backup asks what changed since. */
    record Needed() implements BaseFate {}

    /** It is reported, and left alone. */
    record Doubtful(String reason) implements BaseFate {}

    /** It is deleted, in the storage too. */
    record Unneeded(String reason) implements BaseFate {}
}
