package io.varve.crash;

import io.varve.app.Openers;
import io.varve.blob.BlobId;
import io.varve.blob.BlobMetadata;
import io.varve.blob.BlobStorage;
import io.varve.blob.StorageLocation;
import io.varve.cli.Surroundings.StorageOpener;
import io.varve.crash.Moment.Event;
import io.varve.crash.Moment.When;
import io.varve.job.DeviceOpener;
import io.varve.volume.BlockDevice;
import io.varve.volume.Extent;
import io.varve.volume.TargetOptions;
import io.varve.volume.ZeroMethod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.springframework.batch.core.ExitStatus;
import org.springframework.batch.core.listener.StepExecutionListener;
import org.springframework.batch.core.step.StepExecution;

/** Openers of the real world that tell of each {@link Moment}. */
public final class WatchedOpeners {

    private WatchedOpeners() {}

    /**
     * Is told of moments, on the thread that they happen on; what it throws, the event fails with.
     */
    @FunctionalInterface
    public interface Watcher {
        void reached(Moment moment) throws IOException;
    }

    /** Openers of the real world, watched. */
    public static Openers watchedBy(Watcher watcher) {
        Openers real = Openers.real();
        return new Openers(
                new Storages(real.storage(), watcher),
                new Devices(real.devices(), watcher),
                dataSource -> new WatchedDatabase(dataSource, watcher),
                new Steps(watcher));
    }

    private record Storages(StorageOpener real, Watcher watcher) implements StorageOpener {
        @Override
        public BlobStorage open(StorageLocation location) throws IOException {
            return new Storage(real.open(location), watcher);
        }

        @Override
        public BlobStorage create(StorageLocation location) throws IOException {
            return new Storage(real.create(location), watcher);
        }
    }

    private record Storage(BlobStorage real, Watcher watcher) implements BlobStorage {
        @Override
        public void put(BlobId id, ByteBuffer content) throws IOException {
            watcher.reached(new Moment(When.BEFORE, Event.PUT, id.value()));
            real.put(id, content);
            watcher.reached(new Moment(When.AFTER, Event.PUT, id.value()));
        }

        @Override
        public boolean putIfAbsent(BlobId id, ByteBuffer content) throws IOException {
            watcher.reached(new Moment(When.BEFORE, Event.PUT, id.value()));
            boolean done = real.putIfAbsent(id, content);
            watcher.reached(new Moment(When.AFTER, Event.PUT, id.value()));
            return done;
        }

        @Override
        public ByteBuffer get(BlobId id) throws IOException {
            return real.get(id);
        }

        @Override
        public void read(BlobId id, long offset, ByteBuffer target) throws IOException {
            real.read(id, offset, target);
        }

        @Override
        public void list(String prefix, Consumer<BlobMetadata> visitor) throws IOException {
            real.list(prefix, visitor);
        }

        @Override
        public void delete(BlobId id) throws IOException {
            real.delete(id);
        }

        @Override
        public String description() {
            return real.description();
        }

        @Override
        public void close() throws IOException {
            real.close();
        }
    }

    private record Devices(DeviceOpener real, Watcher watcher) implements DeviceOpener {
        @Override
        public BlockDevice source(Path path) throws IOException {
            return new Device(real.source(path), watcher);
        }

        @Override
        public BlockDevice target(Path path, TargetOptions options) throws IOException {
            return new Device(real.target(path, options), watcher);
        }
    }

    private record Device(BlockDevice real, Watcher watcher) implements BlockDevice {
        @Override
        public void flush() throws IOException {
            watcher.reached(new Moment(When.BEFORE, Event.FLUSH, ""));
            real.flush();
            watcher.reached(new Moment(When.AFTER, Event.FLUSH, ""));
        }

        @Override
        public Path path() {
            return real.path();
        }

        @Override
        public long size() {
            return real.size();
        }

        @Override
        public boolean direct() {
            return real.direct();
        }

        @Override
        public boolean isBlockDevice() {
            return real.isBlockDevice();
        }

        @Override
        public Optional<String> bufferedReason() {
            return real.bufferedReason();
        }

        @Override
        public void read(long offset, ByteBuffer target) throws IOException {
            watcher.reached(new Moment(When.BEFORE, Event.READ, ""));
            real.read(offset, target);
            watcher.reached(new Moment(When.AFTER, Event.READ, ""));
        }

        @Override
        public void write(long offset, ByteBuffer source) throws IOException {
            real.write(offset, source);
        }

        @Override
        public ZeroMethod zero(Extent extent) throws IOException {
            return real.zero(extent);
        }

        @Override
        public String state() throws IOException {
            return real.state();
        }

        @Override
        public void close() throws IOException {
            real.close();
        }
    }

    private record Steps(Watcher watcher) implements StepExecutionListener {
        @Override
        public void beforeStep(StepExecution step) {
            tell(When.BEFORE, step);
        }

        @Override
        public ExitStatus afterStep(StepExecution step) {
            tell(When.AFTER, step);
            return step.getExitStatus();
        }

        private void tell(When when, StepExecution step) {
            try {
                watcher.reached(new Moment(when, Event.STEP, step.getStepName()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
