package io.varve.job;

import io.varve.cbt.csi.ReportedBlocks;
import io.varve.cbt.csi.TrackedBlocks;
import io.varve.cbt.csi.TrackingException;
import io.varve.kube.api.ApiUnavailableException;
import io.varve.kube.mover.MoverState;
import io.varve.kube.snapshot.TakenSnapshot;
import io.varve.mover.block.TrackingTrust;
import io.varve.volume.BlockBitmap;
import io.varve.volume.BlockDevice;
import io.varve.volume.TargetOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** A cluster with one volume in memory. */
final class PlayedCluster implements ClaimBackups.ClaimVolumes {

    private static final Instant FIRST = Instant.parse("2026-03-01T12:00:00Z");
    private static final int BLOCK = BlockBitmap.BLOCK_BYTES;

    private final PlayedMovers movers;
    private final Map<String, byte[]> snapshots = new ConcurrentHashMap<>();
    private final Map<String, Instant> taken = new ConcurrentHashMap<>();
    private final List<String> formers = new CopyOnWriteArrayList<>();
    private final List<String> events = new CopyOnWriteArrayList<>();
    private byte[] volume = new byte[0];
    private BlockBitmap untold = BlockBitmap.empty();
    private TrackingTrust trust = TrackingTrust.BLIND;
    private volatile int readsOfNextMover = Integer.MAX_VALUE;
    private volatile boolean dieInRelease;
    private final AtomicInteger silentLooks = new AtomicInteger();
    private volatile Runnable atEachRead = () -> {};
    private volatile Optional<List<String>> pending = Optional.empty();
    private Optional<TrackingException> trackingFailure = Optional.empty();

    PlayedCluster(PlayedMovers movers) {
        this.movers = movers;
    }

    void write(byte[] bytes) {
        volume = bytes.clone();
    }

    void failTracking(TrackingException failure) {
        trackingFailure = Optional.of(failure);
    }

    /** From now on the storage tells no change of these blocks, and not that they are allocated. */
    void leaveOut(BlockBitmap blocks) {
        untold = blocks;
    }

    void trust(TrackingTrust wanted) {
        trust = wanted;
    }

    /** What was asked of the cluster, in order. */
    List<String> events() {
        return List.copyOf(events);
    }

    /** What each release was told of the backup before; "none" if there was none. */
    List<String> formers() {
        return List.copyOf(formers);
    }

    /** The VolumeSnapshots that stand. */
    Map<String, byte[]> snapshots() {
        return Map.copyOf(snapshots);
    }

    private byte[] bytesOf(String handle) {
        return Objects.requireNonNull(snapshots.get(handle), "no VolumeSnapshot " + handle);
    }

    /** Movers that start from now on can read so often before their device fails. */
    void failReadsAfter(int reads) {
        readsOfNextMover = reads;
    }

    void atEachRead(Runnable action) {
        atEachRead = action;
    }

    /** No mover comes to run any more, for these reasons. */
    void keepPending(String... reasons) {
        pending = Optional.of(List.of(reasons));
    }

    /** Movers that start from now on run. */
    void letRun() {
        pending = Optional.empty();
    }

    /** The next release removes everything, and is not heard of to have done so. */
    void dieInRelease() {
        dieInRelease = true;
    }

    /** The API server does not answer the next questions how a mover fares. */
    void answerNoLooks(int looks) {
        silentLooks.set(looks);
    }

    void loseSnapshots() {
        snapshots.clear();
    }

    @Override
    public ClaimVolume of(ClaimBackup backup, String runId) {
        return new Volume(runId);
    }

    private final class Volume implements ClaimVolume {

        private final String handle;
        private final PlayedMovers.OfRun mine = movers.ofRun();

        Volume(String runId) {
            this.handle = "handle-of-" + runId;
        }

        @Override
        public TakenSnapshot take(BooleanSupplier stopRequest) {
            events.add("take");
            snapshots.putIfAbsent(handle, volume.clone());
            taken.putIfAbsent(handle, FIRST.plusSeconds(60L * taken.size()));
            return find().orElseThrow();
        }

        @Override
        public Optional<TakenSnapshot> find() {
            return snapshots.containsKey(handle)
                    ? Optional.of(
                            new TakenSnapshot(
                                    "varve",
                                    "name",
                                    "content",
                                    "driver",
                                    "class",
                                    handle,
                                    Optional.of(handle),
                                    volume.length,
                                    Objects.requireNonNull(taken.get(handle)),
                                    Map.of(),
                                    List.of()))
                    : Optional.empty();
        }

        @Override
        public TrackedBlocks track(
                TakenSnapshot snapshot, Optional<String> base, BooleanSupplier stopRequest) {
            events.add("track " + (base.isPresent() ? "changed" : "allocated"));
            if (trackingFailure.isPresent()) {
                return new TrackedBlocks.Unknown(List.of(trackingFailure.get()));
            }
            byte[] now = bytesOf(handle);
            byte[] then =
                    base.map(PlayedCluster.this::bytesOf).orElseGet(() -> new byte[now.length]);
            BlockBitmap.Builder differing = BlockBitmap.builder();
            for (int block = 0; block < now.length / BLOCK; block++) {
                int from = block * BLOCK;
                if (Arrays.mismatch(now, from, from + BLOCK, then, from, from + BLOCK) >= 0) {
                    differing.add(block, block + 1);
                }
            }
            var blocks =
                    new ReportedBlocks(
                            differing.build().andNot(untold),
                            OptionalLong.of(now.length),
                            1,
                            1,
                            List.of());
            return base.isPresent()
                    ? new TrackedBlocks.Changed(blocks)
                    : new TrackedBlocks.Allocated(blocks, List.of());
        }

        @Override
        public TrackingTrust trust() {
            return trust;
        }

        @Override
        public void startMover(
                TakenSnapshot snapshot,
                long attempt,
                MoverOrder order,
                BooleanSupplier stopRequested) {
            events.add("start mover");
            if (pending.isPresent()) {
                return;
            }
            mine.start(attempt, order.arguments(), new Devices(bytesOf(handle)));
        }

        @Override
        public MoverState mover(long attempt) throws IOException {
            if (silentLooks.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                throw new ApiUnavailableException(
                        "Job: the API server did not answer", new IOException("refused"));
            }
            return pending.<MoverState>map(MoverState.Pending::new)
                    .orElseGet(() -> mine.state(attempt));
        }

        @Override
        public void stopMovers(BooleanSupplier stopRequest) throws IOException {
            if (mine.isAlive()) {
                events.add("stop a living mover");
            }
            if (pending.isPresent()) {
                events.add("stop a mover that does not run");
            }
            mine.stop();
        }

        @Override
        public List<String> release(Optional<PublishedSnapshot> newest) throws IOException {
            events.add(newest.isPresent() ? "retain" : "remove");
            if (newest.isPresent()) {
                formers.add(
                        newest.get().former().find().map(StoredSnapshot::handle).orElse("none"));
            }
            snapshots.keySet().removeIf(other -> newest.isEmpty() || !other.equals(handle));
            if (dieInRelease) {
                dieInRelease = false;
                snapshots.clear();
                throw new IOException("the API server does not answer");
            }
            return List.of();
        }
    }

    /** Gives the device of a VolumeSnapshot, whatever the path. */
    private final class Devices implements DeviceOpener {

        private final byte[] bytes;

        Devices(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public BlockDevice source(Path path) {
            return new FailingDevice(bytes, readsOfNextMover, atEachRead);
        }

        @Override
        public BlockDevice target(Path path, TargetOptions options) {
            throw new IllegalStateException("a mover of a backup writes nowhere");
        }
    }
}
