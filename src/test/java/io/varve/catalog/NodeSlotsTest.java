package io.varve.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.database.EveryDatabase;
import io.varve.database.TestDatabase;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Never more movers on a node than each of them is allowed, and a line that is kept. */
@EveryDatabase
class NodeSlotsTest {

    private final TestDatabase kind;
    private @TempDir Path folder;
    private OpenCatalog catalog;
    private NodeSlots slots;

    NodeSlotsTest(TestDatabase kind) {
        this.kind = kind;
    }

    @BeforeEach
    void open() {
        catalog = new OpenCatalog(kind.create(folder));
        slots = slots(Duration.ofHours(1));
    }

    @AfterEach
    void close() {
        catalog.close();
    }

    private NodeSlots slots(Duration validity) {
        return new NodeSlots(JdbcClient.create(catalog.jdbc()), catalog.transactions(), validity);
    }

    /** A mover of a new run, that is in line. */
    private SlotRequest mover(long execution, String node, int perNode) {
        SlotRequest request = new SlotRequest("run-" + execution, execution, node, perNode);
        catalog.runs()
                .create(
                        Run.started(
                                request.runId(),
                                new Run.Work(Run.Kind.BACKUP, "repository", "data", "0".repeat(64)),
                                "{}",
                                Instant.now()));
        slots.ask(request);
        return request;
    }

    @Test
    void aSecondMoverWaitsUntilTheFirstIsDone() {
        SlotRequest first = mover(1, "node-1", 1);
        SlotRequest second = mover(2, "node-1", 1);

        assertThat(slots.tryTake(first)).isTrue();
        assertThat(slots.tryTake(second)).isFalse();
        assertThat(slots.isWaiting(1)).isFalse();
        assertThat(slots.isWaiting(2)).isTrue();
        slots.free(first);
        assertThat(slots.tryTake(second)).isTrue();
    }

    @Test
    void anotherNodeHasSlotsOfItsOwn() {
        assertThat(slots.tryTake(mover(1, "node-1", 1))).isTrue();
        assertThat(slots.tryTake(mover(2, "node-2", 1))).isTrue();
    }

    @Test
    void whoAskedFirstComesFirstWhateverItsDefinitionAllows() {
        SlotRequest reads = mover(1, "node-1", 1);
        SlotRequest next = mover(2, "node-1", 1);
        SlotRequest last = mover(3, "node-1", 2);
        assertThat(slots.tryTake(reads)).isTrue();

        assertThat(slots.tryTake(last)).isFalse();
        slots.free(reads);
        assertThat(slots.tryTake(next)).isTrue();
        assertThat(slots.tryTake(last)).isTrue();
    }

    @Test
    void aMoverThatGivesNoSignOfLifeLosesItsSlot() {
        SlotRequest dead = mover(1, "node-1", 1);
        assertThat(slots(Duration.ofSeconds(-1)).tryTake(dead)).isTrue();

        assertThat(slots.tryTake(mover(2, "node-1", 1))).isTrue();
    }

    @Test
    void aMoverThatWasTakenForDeadGetsInLineAgain() {
        SlotRequest slept = mover(1, "node-1", 1);
        slots(Duration.ofSeconds(-1)).renew(slept);
        SlotRequest other = mover(2, "node-1", 1);
        assertThat(slots.tryTake(other)).isTrue();

        assertThat(slots.tryTake(slept)).isFalse();
        slots.free(other);
        assertThat(slots.tryTake(slept)).isTrue();
    }

    @Test
    void whatASuccessorHasIsNotFreedByItsPredecessor() {
        SlotRequest before = mover(1, "node-1", 1);
        SlotRequest after = new SlotRequest(before.runId(), 7, "node-1", 1);
        slots.ask(after);
        assertThat(slots.tryTake(after)).isTrue();

        slots.free(before);

        assertThat(slots.tryTake(mover(2, "node-1", 1))).isFalse();
        slots.free(after.runId());
        assertThat(slots.tryTake(mover(3, "node-1", 2))).isTrue();
    }

    @Test
    void manyAtOnceNeverExceedTheLimit() throws Exception {
        AtomicInteger reading = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<Future<?>> movers = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int number = 1; number <= 12; number++) {
                SlotRequest request = mover(number, "node-1", 2);
                movers.add(
                        threads.submit(
                                () -> {
                                    while (!slots.tryTake(request)) {
                                        Thread.sleep(5);
                                    }
                                    most.accumulateAndGet(reading.incrementAndGet(), Math::max);
                                    Thread.sleep(20);
                                    reading.decrementAndGet();
                                    slots.free(request);
                                    return null;
                                }));
            }
            for (Future<?> mover : movers) {
                mover.get();
            }
        }
        assertThat(most).hasValue(2);
    }
}
