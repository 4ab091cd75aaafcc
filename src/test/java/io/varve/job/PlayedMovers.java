package io.varve.job;

import io.varve.cli.Failure;
import io.varve.format.compress.Compression;
import io.varve.kube.mover.MoverState;
import io.varve.mover.block.TransferProgress;
import io.varve.repository.Repository;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Movers that are threads with their own connection to the database and their own view of the
 * repository: no object of the launcher's reaches them.
 */
final class PlayedMovers {

    /** Where all movers run, one at a time. */
    static final String NODE = "node-1";

    private final MoverProcess process;
    private final List<Thread> all = new CopyOnWriteArrayList<>();

    /** What a mover's process is made of. */
    interface MoverProcess {
        JobDatabase database() throws Exception;

        Repository repository() throws IOException;
    }

    PlayedMovers(MoverProcess process) {
        this.process = process;
    }

    /** Also those that their launchers left alone: until then they use database and repository. */
    void awaitAll() throws InterruptedException {
        for (Thread mover : all) {
            mover.join();
        }
    }

    OfRun ofRun() {
        return new OfRun();
    }

    /** The movers of one run, as its launcher has them. */
    final class OfRun {

        private final Map<Long, MoverState> states = new ConcurrentHashMap<>();
        private Optional<StopSignal> stop = Optional.empty();
        private Optional<Thread> thread = Optional.empty();

        /**
         * @param arguments as {@link MoverRuns#order} has them
         */
        void start(long attempt, List<String> arguments, DeviceOpener devices) {
            states.put(attempt, new MoverState.Running("pod", NODE));
            StopSignal signal = new StopSignal();
            stop = Optional.of(signal);
            Thread mover =
                    Thread.ofPlatform()
                            .name("mover")
                            .start(() -> states.put(attempt, carryOut(arguments, devices, signal)));
            thread = Optional.of(mover);
            all.add(mover);
        }

        private MoverState.Ended carryOut(
                List<String> arguments, DeviceOpener devices, StopSignal signal) {
            var task =
                    new MoverRuns.Task(
                            Long.parseLong(arguments.get(3)),
                            Long.parseLong(arguments.get(5)),
                            Path.of("/dev/varve/volume"),
                            compression(arguments));
            try (JobDatabase database = process.database();
                    Repository repository = process.repository();
                    var _ = new MoverSlots(database.records(), signal).await(task, NODE, 1)) {
                new MoverRuns(database.batch(signal), database.records(), devices, 2)
                        .run(repository, task, new TransferProgress());
                return ended(0, "");
            } catch (Exception e) {
                Failure failure = Failure.of(e);
                return ended(failure.code().number(), failure.message());
            }
        }

        private static Optional<Compression> compression(List<String> arguments) {
            int name = arguments.indexOf("--compression") + 1;
            return Arrays.stream(Compression.values())
                    .filter(known -> name > 0)
                    .filter(known -> known.compressorName().equals(arguments.get(name)))
                    .findFirst();
        }

        private static MoverState.Ended ended(int code, String message) {
            return new MoverState.Ended(OptionalInt.of(code), message, Optional.empty(), List.of());
        }

        MoverState state(long attempt) {
            return states.getOrDefault(attempt, new MoverState.Absent());
        }

        boolean isAlive() {
            return thread.filter(Thread::isAlive).isPresent();
        }

        void stop() throws IOException {
            stop.ifPresent(StopSignal::request);
            try {
                if (thread.isPresent()) {
                    thread.get().join();
                }
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }
}
