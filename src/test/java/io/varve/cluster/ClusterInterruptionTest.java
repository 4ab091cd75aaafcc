package io.varve.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.varve.Exhaustive;
import io.varve.app.VarveInProcess;
import io.varve.cluster.ClusterStorage.Part;
import io.varve.crash.Moments;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever a backup is at when it is interrupted: it ends soon, and either goes on or leaves
 * nothing. All tests have one installation, whose claim has a backup to build on.
 */
@Order(1)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClusterInterruptionTest extends ClusterStorageHarness {

    /** Of 128: more than the packs that a mover has open. */
    private static final int BLOCKS = 64;

    /** A heartbeat that brings the request, a checkpoint, and the end of pods. */
    private static final long LONGEST_SECONDS = 120;

    private static final long SEED = 20261202;

    private final Random random = new Random(SEED);
    private InstalledVarve varve;
    private Path volume;

    ClusterInterruptionTest(ControlPlane plane) throws IOException {
        super(plane);
    }

    @Override
    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        super.start(folder);
        varve =
                InstalledVarve.install(
                        plane, storage, Files.createDirectory(folder.resolve("varve")), "");
        volume = tenantClaim(varve, "data", "128Mi");
        fill(volume, 1, random);
        varve.jobs().await(varve.start());
    }

    @Override
    @AfterAll
    void stop() throws IOException {
        varve.close();
        super.stop();
    }

    /** What a launcher is at, by its step and by what its driver is told for it to stay there. */
    enum Phase {
        SNAPSHOT("snapshot", "{\"snapshotReadyAfter\": \"never\"}", "VolumeSnapshot "),
        CLAIM(
                "transfer",
                "{\"faults\": {\"CreateVolume\": {\"code\": \"UNAVAILABLE\", \"message\": \"busy\"}}}",
                "PersistentVolumeClaim "),
        MOVER("transfer", "{}", "Job ");

        private final String step;
        private final String driver;
        private final String object;

        Phase(String step, String driver, String object) {
            this.step = step;
            this.driver = driver;
            this.object = object;
        }
    }

    static Stream<Phase> phases() {
        return Moments.share(List.of(Phase.values())).stream();
    }

    @Exhaustive
    @ParameterizedTest
    @MethodSource("phases")
    void aBackupThatIsStoppedInAPhaseIsGivenUpOrGoesOn(Phase phase) throws IOException {
        scatter(volume, phase == Phase.MOVER ? BLOCKS : 1, random);
        List<String> bases = snapshots();

        Job stopped = varve.startOnce();
        Reached first = reach(phase, stopped);
        stopByCommand(first);
        assertThat(varve.jobs().exitCode(stopped)).isEqualTo(75);
        storage.control(Part.DRIVER).behave("{}");
        varve.run(
                "abandon-" + first.execution(), List.of("job", "abandon", "" + first.execution()));
        assertThat(varve.run("sweep-" + first.execution(), List.of("sweep", "--json")))
                .contains("\"left\":[]");
        assertThat(varve.leftovers()).isEmpty();
        assertThat(snapshots()).isEqualTo(bases);

        Job terminated = varve.startOnce();
        Reached second = reach(phase, terminated);
        long begun = System.nanoTime();
        varve.node().terminate(second.launcher());
        letGoOn(second);
        assertThat(varve.jobs().exitCode(terminated)).isEqualTo(143);
        assertSoon(begun);
        storage.control(Part.DRIVER).behave("{}");
        assertThat(varve.jobs().await(varve.start()))
                .contains("resumed")
                .contains("incremental on");
        assertThat(varve.leftovers()).isEmpty();
        assertThat(snapshots()).hasSize(1).isNotEqualTo(bases);
    }

    /** As {@code kubectl drain} does it: no new pod comes, and those that are there are evicted. */
    @Test
    void aDrainedNodesPodsAreFollowedByOthersAndCountForNothing() throws IOException {
        scatter(volume, BLOCKS, random);
        Job job = varve.start();
        Pod launcher = varve.jobs().running(job, 0);
        Pod mover = varve.hangAtCheckpoint(varve.staged());
        cordon(true);
        try {
            evict(mover);
            // Neither ends before what its pod says has been looked at.
            varve.node().hang(launcher);
            evict(launcher);
            varve.node().wake(launcher);
            varve.node().wake(mover);
            Waiting.until(
                    "the node to be empty",
                    () ->
                            varve.runningMover().isPresent() || isRunning(launcher)
                                    ? Optional.empty()
                                    : Optional.of(job));
        } finally {
            cordon(false);
        }

        assertThat(varve.jobs().await(job)).contains("resumed").contains("incremental on");
        assertThat(admin.resource(job).get().getStatus().getFailed()).isIn(null, 0);
        assertThat(varve.leftovers()).isEmpty();
    }

    private boolean isRunning(Pod pod) {
        return Optional.ofNullable(admin.resource(pod).get())
                .filter(JobPods::isRunning)
                .isPresent();
    }

    private void cordon(boolean unschedulable) {
        // No version of the node is named: controllers change its status all the time.
        admin.nodes()
                .withName(varve.node().name())
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "{\"spec\": {\"unschedulable\": %s}}".formatted(unschedulable));
    }

    /** Its pod then says what befell it, whatever its container ends with. */
    private void evict(Pod pod) {
        admin.pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .evict();
        assertThat(admin.resource(pod).get().getStatus().getConditions())
                .filteredOn(condition -> condition.getType().equals("DisruptionTarget"))
                .extracting(PodCondition::getReason)
                .containsExactly("EvictionByEvictionAPI");
    }

    /**
     * A launcher that is where it was to be.
     *
     * @param held what hangs until {@link #letGoOn}
     */
    private record Reached(Pod launcher, long execution, Optional<Pod> held) {}

    private Reached reach(Phase phase, Job job) throws IOException {
        int staged = varve.staged();
        storage.control(Part.DRIVER).behave(phase.driver);
        Pod launcher = varve.jobs().running(job, 0);
        long execution =
                Waiting.until("step " + phase.step, () -> running(phase.step).stream().findFirst());
        Waiting.until(
                "an object: " + phase.object,
                () ->
                        varve.leftovers().stream()
                                .filter(each -> each.startsWith(phase.object))
                                .findFirst());
        Optional<Pod> held = Optional.empty();
        if (phase == Phase.MOVER) {
            held = Optional.of(varve.hangAtCheckpoint(staged));
        }
        assertThat(running(phase.step)).containsExactly(execution);
        return new Reached(launcher, execution, held);
    }

    /** The executions that are in a step. */
    private List<Long> running(String step) {
        return varve.database()
                .queryForList(
                        "SELECT job_execution_id FROM batch_step_execution WHERE step_name = ? AND status = 'STARTED'",
                        Long.class,
                        step);
    }

    private void stopByCommand(Reached reached) throws IOException {
        long begun = System.nanoTime();
        // Not the common pool: on two processors it has one thread, which the cluster's client
        // needs.
        try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
            CompletableFuture<VarveInProcess.Result> stop =
                    CompletableFuture.supplyAsync(
                            () -> varve.operator().run("job", "stop", "" + reached.execution()),
                            thread);
            Waiting.until(
                    "the request to stop",
                    () -> Optional.of(stop).filter(now -> now.isDone() || isToStop()));
            letGoOn(reached);
            assertThat(stop.join().code()).as(stop.join().err()).isZero();
        }
        assertSoon(begun);
    }

    private boolean isToStop() {
        return !varve.database()
                .queryForList("SELECT token FROM varve_lease WHERE stop_requested", Long.class)
                .isEmpty();
    }

    /** A mover that hangs is woken to be told that it is to end. */
    private void letGoOn(Reached reached) throws IOException {
        if (reached.held().isPresent()) {
            Pod held = reached.held().get();
            Waiting.until(
                    "the end of the mover", () -> Optional.of(held).filter(this::isToBeDeleted));
            varve.node().wake(held);
        }
    }

    private static void assertSoon(long begun) {
        assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun))
                .as("seconds from the wish to stop to the end")
                .isLessThan(LONGEST_SECONDS);
    }

    private List<String> snapshots() throws IOException {
        return storage.control(Part.DRIVER).snapshots().findValuesAsString("id");
    }
}
