package io.varve.kube.claim;

import java.util.List;
import java.util.Set;

/**
 * CSI drivers that serve shared files. Nothing in Kubernetes says whether a driver has volumes in
 * Block mode; of these it is known, and of others the temporary claim's provisioning tells.
 */
final class FileDrivers {

    private static final Set<String> NAMES =
            Set.of(
                    "nfs.csi.k8s.io",
                    "smb.csi.k8s.io",
                    "efs.csi.aws.com",
                    "fsx.csi.aws.com",
                    "file.csi.azure.com",
                    "filestore.csi.storage.gke.io",
                    "gcsfuse.csi.storage.gke.io");

    /** Drivers whose operators put a prefix before the name. */
    private static final List<String> SUFFIXES = List.of("cephfs.csi.ceph.com", "nfs.csi.ceph.com");

    private FileDrivers() {}

    static boolean serves(String driver) {
        return NAMES.contains(driver) || SUFFIXES.stream().anyMatch(driver::endsWith);
    }
}
