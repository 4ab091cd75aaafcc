package io.varve.kube.mover;

/** A claim in Varve's namespace with a file system, such as the one that holds the repository. */
public record ClaimMount(String claim, String path, boolean readOnly) {}
