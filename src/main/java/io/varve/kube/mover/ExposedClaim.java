package io.varve.kube.mover;

/** A temporary claim in Block mode, not necessarily bound yet. */
public record ExposedClaim(
        String namespace, String name, String uid, String accessMode, long bytes) {}
