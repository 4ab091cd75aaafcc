package io.varve.kube.api;

import java.time.Duration;

/**
 * How long to wait for others at most, and how often to look.
 *
 * @param snapshotReady from a VolumeSnapshot's creation to its use; storages that upload first need
 *     hours
 * @param prepare from a mover's start to its running: provisioning, scheduling, attaching, pulling
 * @param gone from a deletion to its end
 * @param poll between the first two looks; it grows to four times that
 */
public record Waits(Duration snapshotReady, Duration prepare, Duration gone, Duration poll) {

    public static final Waits DEFAULT =
            new Waits(
                    Duration.ofMinutes(30),
                    Duration.ofMinutes(30),
                    Duration.ofMinutes(10),
                    Duration.ofMillis(500));
}
