package io.varve.job;

import io.varve.kube.api.ClusterUsageException;
import io.varve.kube.mover.MoverState;
import io.varve.kube.restore.RestoredClaim;
import io.varve.repository.Backup;
import io.varve.volume.BlockDevice;
import io.varve.volume.MemoryBlockDevice;
import io.varve.volume.TargetOptions;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** A cluster with one claim in memory, which restores write into. */
final class PlayedTarget implements ClaimRestores.ClaimTargets {

    private final PlayedMovers movers;
    private final List<String> events = new ArrayList<>();
    private final AtomicInteger writesLeft = new AtomicInteger(Integer.MAX_VALUE);
    private Optional<byte[]> volume = Optional.empty();
    private Optional<String> refusal = Optional.empty();
    private volatile Runnable atEachWrite = () -> {};
    private List<String> users = List.of();
    private Optional<String> unanswered = Optional.empty();
    private Optional<String> unremovable = Optional.empty();
    private ChangedSince changed = new ChangedSince.Unknown("driver tracks nothing", false);
    private boolean dieInBind;
    private boolean corrupt;

    PlayedTarget(PlayedMovers movers) {
        this.movers = movers;
    }

    List<String> events() {
        return List.copyOf(events);
    }

    byte[] volume() {
        return volume.orElseThrow();
    }

    void hold(byte[] bytes) {
        volume = Optional.of(bytes);
    }

    /** Movers can write so often from now on before their device fails. */
    void failWritesAfter(int writes) {
        writesLeft.set(writes);
    }

    void atEachWrite(Runnable action) {
        atEachWrite = action;
    }

    /** What the storage says from now on. */
    void report(ChangedSince since) {
        changed = since;
    }

    void refuse(String why) {
        refusal = Optional.of(why);
    }

    /** These pods use the claim from now on. */
    void use(String... pods) {
        users = List.of(pods);
    }

    /** Whoever previews does not hear from the storage. */
    void failToAnswer(String why) {
        unanswered = Optional.of(why);
    }

    /** Nothing can be removed from now on. */
    void failToRemove(String why) {
        unremovable = Optional.of(why);
    }

    /** The next bind binds, and is not heard of to have done so. */
    void dieInBind() {
        dieInBind = true;
    }

    /** Every write from now on is stored with one bit changed. */
    void corrupt() {
        corrupt = true;
    }

    /** What was written is lost, and a new volume takes its place. */
    void loseVolume() {
        volume = Optional.empty();
    }

    @Override
    public ClaimTarget of(ClaimRestore restore, String runId) {
        return new Target(movers.ofRun());
    }

    private final class Target implements ClaimTarget {

        private final PlayedMovers.OfRun mine;

        Target(PlayedMovers.OfRun mine) {
            this.mine = mine;
        }

        @Override
        public void provision(long bytes, BooleanSupplier stop) throws IOException {
            events.add("provision");
            if (refusal.isPresent()) {
                throw new ClusterUsageException(refusal.get());
            }
            if (volume.isEmpty()) {
                volume = Optional.of(new byte[Math.toIntExact(bytes)]);
            }
        }

        @Override
        public ChangedSince changedSince(Backup backup, BooleanSupplier stop) {
            events.add("track");
            return changed;
        }

        @Override
        public List<String> usedBy(long bytes) throws IOException {
            events.add("look");
            if (refusal.isPresent()) {
                throw new ClusterUsageException(refusal.get());
            }
            return users;
        }

        @Override
        public ChangedSince changedUntilNow(Backup backup, BooleanSupplier stop)
                throws IOException {
            events.add("ask");
            if (stop.getAsBoolean()) {
                throw new InterruptedIOException("stopped while a snapshot was taken");
            }
            if (unanswered.isPresent()) {
                throw new IOException(unanswered.get());
            }
            return changed;
        }

        @Override
        public void startMover(long attempt, MoverOrder order, BooleanSupplier stop) {
            events.add("start mover");
            mine.start(attempt, order.arguments(), new Devices());
        }

        @Override
        public MoverState mover(long attempt) {
            return mine.state(attempt);
        }

        @Override
        public void stopMovers(BooleanSupplier stop) throws IOException {
            mine.stop();
        }

        @Override
        public RestoredClaim bind(BooleanSupplier stop) throws IOException {
            events.add("bind");
            if (dieInBind) {
                dieInBind = false;
                throw new IOException("the API server does not answer");
            }
            return new RestoredClaim("shop", "data", "uid", "pv", "driver", "h", volume().length);
        }

        @Override
        public void remove(BooleanSupplier stop) throws IOException {
            events.add("remove");
            if (unremovable.isPresent()) {
                throw new IOException(unremovable.get());
            }
        }
    }

    private final class Devices implements DeviceOpener {

        @Override
        public BlockDevice source(Path path) {
            throw new IllegalStateException("a mover of a restore reads no source");
        }

        @Override
        public BlockDevice target(Path path, TargetOptions options) {
            return new MemoryBlockDevice(volume()) {
                @Override
                public void write(long offset, ByteBuffer source) throws IOException {
                    if (writesLeft.getAndDecrement() <= 0) {
                        throw new IOException("byte %d: input/output error".formatted(offset));
                    }
                    atEachWrite.run();
                    super.write(offset, source);
                    if (corrupt) {
                        volume()[(int) offset] ^= 1;
                    }
                }
            };
        }
    }
}
