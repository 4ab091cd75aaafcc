package io.varve.kube.snapshot;

import java.util.Map;
import java.util.Optional;

/**
 * What nothing in Kubernetes says of a CSI driver.
 *
 * @param needsBase changes are computed only while the older snapshot exists
 * @param changeIdAnnotation of the VolumeSnapshot, where the driver puts the id to ask for changes
 *     since; empty if that is the snapshot's handle
 */
public record DriverProfile(boolean needsBase, Optional<String> changeIdAnnotation) {

    /**
     * Right for a driver that nobody described: a base too many costs space, one too few a full.
     */
    public static final DriverProfile DEFAULT = new DriverProfile(true, Optional.empty());

    /** Drivers that are known to differ, by name. */
    public static final Map<String, DriverProfile> KNOWN =
            Map.of(
                    "csi.vsphere.vmware.com",
                    new DriverProfile(false, Optional.of("csi.vsphere.volume/change-id")));

    private static final String CEPH_BLOCK = "rbd.csi.ceph.com";

    /**
     * Whether a driver that is asked what is allocated in a clone may leave out what lies in its
     * origin. Operators put a prefix before the driver's name; its version nobody tells.
     */
    public static boolean missesBlocksOfClones(String driver) {
        return driver.equals(CEPH_BLOCK) || driver.endsWith("." + CEPH_BLOCK);
    }
}
