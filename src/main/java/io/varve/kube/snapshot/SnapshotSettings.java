package io.varve.kube.snapshot;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * How a VolumeSnapshot is taken.
 *
 * @param snapshotClass name of the VolumeSnapshotClass; empty: the driver's default or only one
 * @param ready how long it may take to become ready
 * @param drivers profiles by driver's name; they win over {@link DriverProfile#KNOWN}
 */
public record SnapshotSettings(
        Optional<String> snapshotClass, Duration ready, Map<String, DriverProfile> drivers) {

    public SnapshotSettings {
        drivers = Map.copyOf(drivers);
    }

    public DriverProfile profile(String driver) {
        DriverProfile known = DriverProfile.KNOWN.getOrDefault(driver, DriverProfile.DEFAULT);
        return drivers.getOrDefault(driver, known);
    }
}
