package io.varve.kube.claim;

/** How a claim's consumers see its volume. */
public enum VolumeMode {
    BLOCK,
    FILESYSTEM
}
