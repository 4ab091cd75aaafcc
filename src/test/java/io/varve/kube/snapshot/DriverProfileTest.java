package io.varve.kube.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DriverProfileTest {

    @Test
    void cephBlockDevicesAreKnownUnderEachOperatorsName() {
        assertThat(DriverProfile.missesBlocksOfClones("rbd.csi.ceph.com")).isTrue();
        assertThat(DriverProfile.missesBlocksOfClones("rook-ceph.rbd.csi.ceph.com")).isTrue();
        assertThat(DriverProfile.missesBlocksOfClones("cephfs.csi.ceph.com")).isFalse();
        assertThat(DriverProfile.missesBlocksOfClones("notrbd.csi.ceph.com")).isFalse();
    }
}
