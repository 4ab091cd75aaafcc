package io.varve.kube.claim;

/**
 * Which claim is meant.
 *
 * @param uid another one for each claim that ever has this name
 */
public record ClaimReference(String namespace, String name, String uid) {}
