package io.varve.job;

import io.varve.catalog.Holder;
import io.varve.catalog.LeaseName;
import io.varve.catalog.NodeSlots;
import io.varve.catalog.Run;
import io.varve.catalog.SlotRequest;
import io.varve.mover.block.StoppedException;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Lets a mover wait until its node has a slot for it, before it opens its device. */
public final class MoverSlots {

    private static final Duration POLL = Duration.ofSeconds(1);

    private final RunRecords records;
    private final StopSignal stop;

    MoverSlots(RunRecords records, StopSignal stop) {
        this.records = records;
        this.stop = stop;
    }

    /** A slot, or a place in the line, kept until it is closed. */
    private static final class Kept implements Closeable {

        private final NodeSlots slots;
        private final SlotRequest request;
        private final ScheduledExecutorService heart =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("slot").factory());

        Kept(RunRecords records, SlotRequest request) {
            this.slots = records.slots();
            this.request = request;
            slots.ask(request);
            long period = HeldLease.beat(records.leases()).toMillis();
            var _ =
                    heart.scheduleAtFixedRate(
                            this::renewQuietly, period, period, TimeUnit.MILLISECONDS);
        }

        private void renewQuietly() {
            try {
                slots.renew(request);
            } catch (RuntimeException e) {
                // The next beat tries again.
            }
        }

        /** If the database does not answer, the slot expires. */
        @Override
        public void close() {
            heart.shutdown();
            try {
                slots.free(request);
            } catch (RuntimeException e) {
                // As said.
            }
        }
    }

    /**
     * Waits for a slot.
     *
     * @param task that the mover is about to begin
     * @param node where it runs
     * @param perNode volumes that may be read there at once
     * @return the slot; to be closed after the device
     * @throws StoppedException if that was asked for meanwhile
     * @throws LeaseLostException if the launcher has lost its lease meanwhile
     */
    public Closeable await(MoverRuns.Task task, String node, int perNode) throws IOException {
        Optional<Run> run = records.runs().ofExecution(task.execution());
        if (run.isEmpty()) {
            // The mover itself says so.
            return () -> {};
        }
        SlotRequest request = new SlotRequest(run.get().id(), task.execution(), node, perNode);
        Kept kept = new Kept(records, request);
        try {
            while (!records.slots().tryTake(request)) {
                throwIfInVain(LeaseName.of(run.get()), task.token());
                Pause.of(POLL);
            }
            return kept;
        } catch (IOException | RuntimeException e) {
            try (kept) {
                throw e;
            }
        }
    }

    private void throwIfInVain(LeaseName name, long token) throws IOException {
        Optional<Holder> holder = records.leases().holder(name);
        if (holder.filter(now -> now.token() == token).isEmpty()) {
            throw new LeaseLostException(name, holder);
        }
        if (stop.requested() || holder.get().stopRequested()) {
            throw new StoppedException();
        }
    }
}
