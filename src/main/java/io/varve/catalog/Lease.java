package io.varve.catalog;

/**
 * The right to work on a volume, as it was taken. It holds as long as the stored token is this one.
 *
 * @param token fencing token: larger than that of every earlier holder
 */
public record Lease(LeaseName name, Owner owner, long token) {}
