package io.varve.cluster;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.varve.cluster.ClusterStorage.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.json.JsonMapper;

/**
 * How long the parts of an incremental backup take in a cluster, in ms; {@code
 * src/test/sh/cluster-times.sh} runs it. Prints figures and judges none: nothing but the machine
 * decides them. What is measured is seen from outside: objects of the API server, the kernel's
 * count of what is read of the mover's device, the database.
 */
class ClusterBenchmark extends ClusterStorageHarness {

    private static final int MIB = 1 << 20;
    private static final int SECTORS_PER_BLOCK = MIB / 512;
    private static final int VOLUME_BLOCKS = 256;
    private static final int CHANGED_BLOCKS = 41;
    private static final int ROUNDS = Integer.parseInt(System.getenv().getOrDefault("ROUNDS", "3"));
    private static final long SEED = 41;

    private final Random random = new Random(SEED);

    ClusterBenchmark(ControlPlane plane) throws IOException {
        super(plane);
    }

    /** When something was first seen, in ms since 1970. */
    private static final class Moments {
        private final Map<String, Long> seen = new LinkedHashMap<>();

        void see(String what, boolean now) {
            if (now) {
                seen.putIfAbsent(what, System.currentTimeMillis());
            }
        }

        boolean has(String what) {
            return seen.containsKey(what);
        }

        long between(String from, String to) {
            return seen.getOrDefault(to, 0L) - seen.getOrDefault(from, 0L);
        }
    }

    @Test
    void partsOfAnIncrementalBackup(@TempDir Path folder) throws IOException {
        try (InstalledVarve varve = InstalledVarve.install(plane, storage, folder, "")) {
            Path volume = tenantClaim(varve, "data", VOLUME_BLOCKS + "Mi");
            change(volume, VOLUME_BLOCKS / 4);
            varve.jobs().await(varve.start());
            for (int round = 1; round <= ROUNDS; round++) {
                change(volume, CHANGED_BLOCKS);
                Map<String, Object> figures = new LinkedHashMap<>();
                figures.put("round", round);
                figures.put("load", Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
                figures.putAll(parts(varve, volume.toAbsolutePath()));
                System.out.println("times " + JsonMapper.shared().writeValueAsString(figures));
            }
        }
    }

    /** Writes the first bytes of so many blocks, far from each other. */
    private void change(Path volume, int blocks) throws IOException {
        byte[] bytes = new byte[4096];
        for (int i = 0; i < blocks; i++) {
            random.nextBytes(bytes);
            write(volume, (long) i * VOLUME_BLOCKS / blocks * MIB, bytes);
        }
    }

    private Map<String, Long> parts(InstalledVarve varve, Path volume) throws IOException {
        Set<String> snapshots = ready().collect(Collectors.toSet());
        Set<Path> volumes =
                storage.control(Part.DRIVER).volumes().findValuesAsString("id").stream()
                        .map(id -> storage.volume(id).toAbsolutePath())
                        .collect(Collectors.toSet());
        Moments moments = new Moments();
        Job job = varve.start();
        JdbcTemplate database = varve.database();
        Optional<Pod> mover = Optional.empty();
        Optional<Path> device = Optional.empty();
        long before = 0;
        long processors = 0;
        while (!moments.has("moverEnded")) {
            if (!moments.has("ready")) {
                moments.see("ready", ready().anyMatch(name -> !snapshots.contains(name)));
            } else if (mover.isEmpty()) {
                mover = varve.runningMover();
                moments.see("running", mover.isPresent());
            } else if (device.isEmpty()) {
                device = deviceOfOther(volume.resolveSibling(""), volumes);
                before = device.isPresent() ? sectorsRead(device.get()) : 0;
            } else if (!moments.has("slot")) {
                moments.see(
                        "slot",
                        !database.queryForList(
                                        "SELECT node FROM varve_node_slot WHERE taken_at IS NOT NULL",
                                        String.class)
                                .isEmpty());
            } else if (!moments.has("firstBlock")) {
                processors = varve.node().processorTime(mover.get()).toMillis();
                moments.see("firstBlock", sectorsRead(device.get()) - before >= SECTORS_PER_BLOCK);
            } else {
                Pod now = admin.resource(mover.get()).get();
                moments.see("moverEnded", now == null || !JobPods.isRunning(now));
            }
            pause();
        }
        varve.jobs().await(job);
        Map<String, Long> figures = figures(moments, database);
        figures.put("processorsToFirstBlock", processors);
        return figures;
    }

    private static Map<String, Long> figures(Moments moments, JdbcTemplate database) {
        for (String step : List.of("snapshot", "plan", "transfer", "publish")) {
            database.query(
                    """
                    SELECT EXTRACT(EPOCH FROM start_time) * 1000 AS began, EXTRACT(EPOCH FROM end_time) * 1000 AS ended
                    FROM batch_step_execution WHERE step_name = ? ORDER BY step_execution_id DESC LIMIT 1
                    """,
                    row -> {
                        moments.seen.put(step, row.getLong("began"));
                        moments.seen.put(step + "Ended", row.getLong("ended"));
                    },
                    step);
        }
        Map<String, Long> parts = new LinkedHashMap<>();
        parts.put("handOver", moments.between("ready", "snapshotEnded"));
        parts.put("plan", moments.between("snapshotEnded", "planEnded"));
        parts.put("moverToRunning", moments.between("planEnded", "running"));
        parts.put("runningToSlot", moments.between("running", "slot"));
        parts.put("slotToFirstBlock", moments.between("slot", "firstBlock"));
        parts.put("copy", moments.between("firstBlock", "moverEnded"));
        parts.put("moverGone", moments.between("moverEnded", "transferEnded"));
        parts.put("publish", moments.between("transferEnded", "publishEnded"));
        parts.put("runningToFirstBlock", moments.between("running", "firstBlock"));
        parts.put("readyToPublished", moments.between("ready", "publishEnded"));
        return parts;
    }

    /** VolumeSnapshots of this test that can be used. */
    private Stream<String> ready() {
        return admin
                .genericKubernetesResources(SNAPSHOTS, "VolumeSnapshot")
                .inAnyNamespace()
                .list()
                .getItems()
                .stream()
                .filter(each -> Boolean.TRUE.equals(each.get("status", "readyToUse")))
                .map(ClusterBenchmark::path);
    }

    private static String path(GenericKubernetesResource object) {
        return object.getMetadata().getNamespace() + "/" + object.getMetadata().getName();
    }

    /** The loop device that the driver attached of a volume that was not there before. */
    private static Optional<Path> deviceOfOther(Path folder, Set<Path> known) throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/sys/block"))) {
            for (Path device : all.toList()) {
                Path backing = device.resolve("loop/backing_file");
                if (Files.exists(backing)) {
                    Path file = Path.of(Files.readString(backing).strip());
                    if (!known.contains(file) && file.startsWith(folder)) {
                        return Optional.of(device);
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static long sectorsRead(Path device) throws IOException {
        return Long.parseLong(Files.readString(device.resolve("stat")).strip().split(" +")[2]);
    }

    private static void pause() throws IOException {
        try {
            TimeUnit.MILLISECONDS.sleep(10);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while measuring", e);
        }
    }
}
