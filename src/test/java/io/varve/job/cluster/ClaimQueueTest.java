package io.varve.job.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.job.cluster.ClaimQueue.Limits;
import io.varve.job.cluster.ClaimQueue.Prepared;
import io.varve.kube.claim.SourceClaim;
import io.varve.kube.claim.VolumeMode;
import io.varve.mover.block.BackupType;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How many claims are worked on at once, and when their VolumeSnapshots are taken. */
class ClaimQueueTest {

    private static List<SourceClaim> claims(int count) {
        return IntStream.range(0, count)
                .mapToObj(
                        number ->
                                new SourceClaim(
                                        "shop",
                                        "data-" + number,
                                        "uid-" + number,
                                        Map.of(),
                                        "fast",
                                        List.of("ReadWriteOnce"),
                                        VolumeMode.BLOCK,
                                        "",
                                        1,
                                        "driver",
                                        "volume-" + number,
                                        "pv-" + number,
                                        false))
                .toList();
    }

    /** Takes VolumeSnapshots and transfers, slowly, and counts. */
    private static class Played implements ClaimQueue.Worker {

        private final AtomicInteger snapshots = new AtomicInteger();
        private final AtomicInteger transfers = new AtomicInteger();
        final AtomicInteger mostSnapshots = new AtomicInteger();
        final AtomicInteger mostTransfers = new AtomicInteger();
        final List<String> events = new CopyOnWriteArrayList<>();

        @Override
        public Prepared prepare(SourceClaim claim) {
            events.add("prepare");
            mostSnapshots.accumulateAndGet(snapshots.incrementAndGet(), Math::max);
            return new Prepared(Optional.empty(), List.of("prepared"));
        }

        @Override
        public VolumeResult backUp(SourceClaim claim, Prepared prepared) {
            events.add("transfer");
            if (prepared.warnings().isEmpty()) {
                mostSnapshots.accumulateAndGet(snapshots.incrementAndGet(), Math::max);
            }
            mostTransfers.accumulateAndGet(transfers.incrementAndGet(), Math::max);
            transfer();
            transfers.decrementAndGet();
            snapshots.decrementAndGet();
            return made(claim);
        }

        void transfer() {
            try {
                Thread.sleep(30);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        static VolumeResult made(SourceClaim claim) {
            return new VolumeResult.Already(claim.name(), BackupType.FULL, "backup");
        }

        @Override
        public boolean stopRequested() {
            return false;
        }
    }

    @Test
    void noMoreAreTransferredNorPreparedThanAllowed() throws IOException {
        Played played = new Played();

        List<VolumeResult> results =
                new ClaimQueue(played, new Limits(2, 5, false)).backUp(claims(20));

        assertThat(results)
                .hasSize(20)
                .isSortedAccordingTo((one, other) -> one.volume().compareTo(other.volume()));
        assertThat(played.mostTransfers).hasValue(2);
        assertThat(played.mostSnapshots).hasValueLessThanOrEqualTo(5);
    }

    @Test
    void whoHasItsTurnAtOnceIsNotPreparedFirst() throws IOException {
        Played played = new Played();
        new ClaimQueue(played, new Limits(3, 3, false)).backUp(claims(10));
        assertThat(played.events).doesNotContain("prepare").hasSize(10);
    }

    /** Those that wait for their turn are taken while the first ones still are transferred. */
    @Test
    void snapshotsAreTakenAheadWhileOthersAreTransferred() throws IOException {
        CountDownLatch ahead = new CountDownLatch(2);
        Played played =
                new Played() {
                    @Override
                    public Prepared prepare(SourceClaim claim) {
                        Prepared prepared = super.prepare(claim);
                        ahead.countDown();
                        return prepared;
                    }

                    @Override
                    void transfer() {
                        try {
                            events.add(ahead.await(20, TimeUnit.SECONDS) ? "ahead" : "in vain");
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    }
                };
        new ClaimQueue(played, new Limits(1, 3, false)).backUp(claims(4));
        assertThat(played.events).contains("ahead").doesNotContain("in vain");
    }

    /** Its work begins then, without a turn, and is what says that it was stopped. */
    @Test
    void whoWaitsForItsTurnWaitsNoLongerOnceAStopIsWanted() throws IOException {
        CountDownLatch both = new CountDownLatch(2);
        Played played =
                new Played() {
                    @Override
                    void transfer() {
                        both.countDown();
                        try {
                            events.add(both.await(20, TimeUnit.SECONDS) ? "ended" : "in vain");
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    }

                    @Override
                    public boolean stopRequested() {
                        return events.contains("prepare");
                    }
                };
        assertThat(new ClaimQueue(played, new Limits(1, 2, false)).backUp(claims(2))).hasSize(2);
        assertThat(played.events).contains("ended").doesNotContain("in vain");
    }

    @Test
    void earlyMeansAllOfThemBeforeTheFirstTransfer() throws IOException {
        Played played = new Played();

        new ClaimQueue(played, new Limits(2, 2, true)).backUp(claims(7));

        assertThat(played.events.subList(0, 7)).containsOnly("prepare");
        assertThat(played.events.subList(7, 14)).containsOnly("transfer");
        assertThat(played.mostTransfers).hasValue(2);
    }

    @Test
    void oneWhoseSnapshotFailsIsNotTransferred() throws IOException {
        Played played =
                new Played() {
                    @Override
                    public Prepared prepare(SourceClaim claim) {
                        return claim.name().equals("data-1")
                                ? new Prepared(
                                        Optional.of(
                                                new VolumeResult.Failed(
                                                        claim.name(),
                                                        BackupType.FULL,
                                                        new IOException("no snapshot"))),
                                        List.of())
                                : super.prepare(claim);
                    }
                };

        List<VolumeResult> results =
                new ClaimQueue(played, new Limits(1, 1, true)).backUp(claims(3));

        assertThat(results.get(1)).isInstanceOf(VolumeResult.Failed.class);
        assertThat(played.events).containsExactly("prepare", "prepare", "transfer", "transfer");
    }
}
