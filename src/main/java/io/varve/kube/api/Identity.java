package io.varve.kube.api;

/** Who Varve is in a cluster: its namespace, the id of its installation, its ServiceAccount. */
public record Identity(String namespace, String installation, String serviceAccount) {}
