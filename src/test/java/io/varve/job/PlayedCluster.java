package io.varve.job;

import io.varve.cbt.csi.ReportedBlocks;
import io.varve.cbt.csi.TrackedBlocks;
import io.varve.cbt.csi.TrackingException;
import io.varve.kube.api.ApiUnavailableException;
import io.varve.kube.mover.MoverState;
import io.varve.kube.snapshot.TakenSnapshot;
import io.varve.mover.block.TransferProgress;
import io.varve.repository.Repository;
import io.varve.volume.BlockBitmap;
import io.varve.volume.BlockDevice;
import io.varve.volume.TargetOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * A cluster with one volume in memory, whose movers are threads with their own connection to the
 * database and their own view of the repository: no object of the launcher's reaches them.
 */
final class PlayedCluster implements ClaimBackups.ClaimVolumes {

    private static final int BLOCK = BlockBitmap.BLOCK_BYTES;

    private final MoverProcess process;
    private final Map<String, byte[]> snapshots = new ConcurrentHashMap<>();
    private final List<String> formers = new CopyOnWriteArrayList<>();
    private final List<String> events = new CopyOnWriteArrayList<>();
    private byte[] volume = new byte[0];
    private volatile int readsOfNextMover = Integer.MAX_VALUE;
    private volatile boolean dieInRelease;
    private final List<Thread> allMovers = new CopyOnWriteArrayList<>();
    private final AtomicInteger silentLooks = new AtomicInteger();
    private volatile Runnable atEachRead = () -> {};
    private Optional<TrackingException> trackingFailure = Optional.empty();

    /** What a mover's process is made of. */
    interface MoverProcess {
        JobDatabase database() throws Exception;

        Repository repository() throws IOException;
    }

    PlayedCluster(MoverProcess process) {
        this.process = process;
    }

    void write(byte[] bytes) {
        volume = bytes.clone();
    }

    void failTracking(TrackingException failure) {
        trackingFailure = Optional.of(failure);
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

    /** The next release removes everything, and is not heard of to have done so. */
    void dieInRelease() {
        dieInRelease = true;
    }

    /** The API server does not answer the next questions how a mover fares. */
    void answerNoLooks(int looks) {
        silentLooks.set(looks);
    }

    /** Also those that their launchers left alone: until then they use database and repository. */
    void awaitMovers() throws InterruptedException {
        for (Thread mover : allMovers) {
            mover.join();
        }
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
        private final Map<Long, MoverState> movers = new LinkedHashMap<>();
        private Optional<StopSignal> stop = Optional.empty();
        private Optional<Thread> thread = Optional.empty();

        Volume(String runId) {
            this.handle = "handle-of-" + runId;
        }

        @Override
        public TakenSnapshot take(BooleanSupplier stopRequest) {
            events.add("take");
            snapshots.putIfAbsent(handle, volume.clone());
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
                                    Instant.parse("2026-03-01T12:00:00Z"),
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
                            differing.build(), OptionalLong.of(now.length), 1, 1, List.of());
            return base.isPresent()
                    ? new TrackedBlocks.Changed(blocks)
                    : new TrackedBlocks.Allocated(blocks, List.of());
        }

        @Override
        public synchronized void startMover(
                TakenSnapshot snapshot,
                long attempt,
                List<String> arguments,
                BooleanSupplier stopRequested) {
            events.add("start mover");
            movers.put(attempt, new MoverState.Running("pod", "node"));
            StopSignal signal = new StopSignal();
            stop = Optional.of(signal);
            Thread mover =
                    Thread.ofPlatform()
                            .name("mover")
                            .start(() -> ended(attempt, carryOut(arguments, signal)));
            thread = Optional.of(mover);
            allMovers.add(mover);
        }

        private synchronized void ended(long attempt, MoverState.Ended state) {
            movers.put(attempt, state);
        }

        private MoverState.Ended carryOut(List<String> arguments, StopSignal signal) {
            var task =
                    new MoverRuns.Task(
                            Long.parseLong(arguments.get(3)),
                            Long.parseLong(arguments.get(5)),
                            Path.of("/dev/varve/volume"));
            try (JobDatabase database = process.database();
                    Repository repository = process.repository()) {
                new MoverRuns(
                                database.batch(signal),
                                database.records(),
                                new Devices(bytesOf(handle)),
                                2)
                        .run(repository, task, new TransferProgress());
                return end(0, "");
            } catch (Exception e) {
                return end(1, String.valueOf(e.getMessage()));
            }
        }

        private static MoverState.Ended end(int code, String message) {
            return new MoverState.Ended(OptionalInt.of(code), message, Optional.empty(), List.of());
        }

        @Override
        public synchronized MoverState mover(long attempt) throws IOException {
            if (silentLooks.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                throw new ApiUnavailableException(
                        "Job: the API server did not answer", new IOException("refused"));
            }
            return movers.getOrDefault(attempt, new MoverState.Absent());
        }

        @Override
        public void stopMovers(BooleanSupplier stopRequest) throws IOException {
            if (thread.filter(Thread::isAlive).isPresent()) {
                events.add("stop a living mover");
            }
            stop.ifPresent(StopSignal::request);
            try {
                if (thread.isPresent()) {
                    thread.get().join();
                }
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
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
