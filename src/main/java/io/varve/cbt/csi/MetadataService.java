package io.varve.cbt.csi;

/**
 * Where a CSI driver's metadata service is: what the SnapshotMetadataService object
 * (cbt.storage.k8s.io) named after the driver says.
 *
 * @param address {@code host:port}
 * @param audience of the tokens that it accepts
 * @param authorities the certificates to trust, PEM; no others are
 */
public record MetadataService(String driver, String address, String audience, String authorities) {}
