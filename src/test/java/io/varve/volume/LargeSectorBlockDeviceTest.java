package io.varve.volume;

/** Loop devices whose smallest direct request is a page, like some disks and network volumes. */
@NeedsLoopDevice
class LargeSectorBlockDeviceTest extends LinuxBlockDeviceTest {
    @Override
    int sector() {
        return 4096;
    }
}
