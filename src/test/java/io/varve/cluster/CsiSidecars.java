package io.varve.cluster;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The real csi-provisioner and csi-snapshotter of one CSI driver. They wait until it listens, and
 * end when it goes away.
 */
public final class CsiSidecars implements AutoCloseable {

    private final Component provisioner;
    private final Component snapshotter;

    private CsiSidecars(Component provisioner, Component snapshotter) {
        this.provisioner = provisioner;
        this.snapshotter = snapshotter;
    }

    /**
     * Starts both.
     *
     * @param driver its name, part of those of the logs
     * @param socket where it listens or will listen
     */
    public static CsiSidecars start(ControlPlane plane, String driver, Path socket)
            throws IOException {
        String address = "--csi-address=" + socket.toAbsolutePath();
        Component provisioner =
                Component.start(
                        "csi-provisioner",
                        List.of(
                                GoProgram.find("provisioner").toString(),
                                "--kubeconfig=" + plane.kubeconfigOf("csi-provisioner"),
                                address,
                                "--extra-create-metadata",
                                "--kube-api-qps=100",
                                "--kube-api-burst=200",
                                "--retry-interval-start=100ms",
                                "--retry-interval-max=5s",
                                // Its finalizer on a VolumeSnapshot outlives a claim that failed.
                                "--snapshot-orphan-sweep-interval=1s"),
                        plane.logs().of("csi-provisioner." + driver));
        try {
            return new CsiSidecars(
                    provisioner,
                    plane.startPart(
                            "csi-snapshotter",
                            "csi-snapshotter." + driver,
                            List.of(
                                    "--kubeconfig=" + plane.kubeconfigOf("csi-snapshotter"),
                                    address,
                                    "--extra-create-metadata")));
        } catch (IOException e) {
            try (provisioner) {
                throw e;
            }
        }
    }

    /**
     * @throws IOException if one has ended
     */
    public void check() throws IOException {
        provisioner.check();
        snapshotter.check();
    }

    @Override
    public void close() throws IOException {
        try (provisioner) {
            snapshotter.close();
        }
    }
}
