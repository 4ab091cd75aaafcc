package io.varve.kube.mover;

/** The temporary claim, as a mover's pod has to name it. */
record MoverClaim(String name, boolean readOnly) {}
