package io.varve.cluster;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.varve.app.VarveInProcess;
import io.varve.database.TestDatabase;
import io.varve.job.definition.DefinitionFile;
import io.varve.job.definition.render.CronJobFiles;
import io.varve.job.definition.render.ManifestFile;
import io.varve.job.definition.render.RestoreManifest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Varve as its rendered manifests install it: with their ServiceAccounts and no other rights, on a
 * node that runs its pods, with PostgreSQL and a repository in a claim.
 */
final class InstalledVarve implements AutoCloseable {

    static final String DEFINITION = "nightly";
    static final String PASSWORD = "correct horse";

    private static final long MOMENT_NANOS = 60_000_000;

    private final ControlPlane plane;
    private final ClusterStorage storage;
    private final String namespace;
    private final String tenant;
    private final Path folder;
    private final TestDatabase.Address database;
    private final ClusterNode node;
    private final InstalledRepository repository;
    private InstalledDefinition wanted;
    private InstalledImage image = InstalledImage.FIRST;
    private int launches;

    private InstalledVarve(
            ControlPlane plane,
            ClusterStorage storage,
            Path folder,
            InstalledRepository repository,
            InstalledDefinition wanted)
            throws IOException {
        this.plane = plane;
        this.storage = storage;
        this.folder = folder;
        this.repository = repository;
        this.wanted = wanted;
        this.namespace = plane.newNamespace("varve");
        this.tenant = plane.newNamespace("tenant");
        this.database = TestDatabase.POSTGRESQL.create(folder);
        this.node =
                ClusterNode.start(plane, namespace, folder, InstalledImage.flags(storage, folder));
    }

    /**
     * @param more fields of the definition, in YAML
     */
    static InstalledVarve install(
            ControlPlane plane, ClusterStorage storage, Path folder, String more)
            throws IOException {
        return install(plane, storage, folder, InstalledRepository.inClaim(storage), more);
    }

    /**
     * @param more fields of the definition, in YAML
     */
    static InstalledVarve install(
            ControlPlane plane,
            ClusterStorage storage,
            Path folder,
            InstalledRepository repository,
            String more)
            throws IOException {
        return install(plane, storage, folder, repository, InstalledDefinition.with(more));
    }

    static InstalledVarve install(
            ControlPlane plane,
            ClusterStorage storage,
            Path folder,
            InstalledRepository repository,
            InstalledDefinition wanted)
            throws IOException {
        InstalledVarve varve = new InstalledVarve(plane, storage, folder, repository, wanted);
        try {
            varve.secrets();
            varve.apply();
            if (!repository.exists()) {
                varve.run("create", List.of("repository", "create"));
            }
            return varve;
        } catch (IOException | RuntimeException e) {
            try (varve) {
                throw e;
            }
        }
    }

    private void secrets() {
        make(
                """
                {apiVersion: v1, kind: Secret, metadata: {namespace: "%s", name: database}, stringData: {user: "%s", password: "%s"}}
                """
                        .formatted(namespace, database.user(), database.password()));
        repository.objects().forEach(object -> make(object.formatted(namespace)));
    }

    private void apply() throws IOException {
        Path file =
                Files.writeString(
                        folder.resolve("nightly.yaml"),
                        wanted.text(this, image.name(), repository.field(), database.url()));
        DefinitionFile definition = DefinitionFile.read(file);
        if (!definition.problems().isEmpty()) {
            throw new IOException("the definition is wrong: " + definition.problems());
        }
        for (ManifestFile manifest : CronJobFiles.render(List.of(definition))) {
            admin().load(new ByteArrayInputStream(manifest.text().getBytes(StandardCharsets.UTF_8)))
                    .serverSideApply();
        }
    }

    /** The next release is installed, over this one and whatever runs. */
    void upgrade() throws IOException {
        image = InstalledImage.NEXT;
        apply();
    }

    /** Renders and applies another definition of the same name, over this one and whatever runs. */
    void redefine(InstalledDefinition other) throws IOException {
        wanted = other;
        apply();
    }

    private KubernetesClient admin() {
        return plane.admin();
    }

    HasMetadata make(String yaml) {
        // Without the dashes it is taken for JSON, whose names are quoted.
        return admin().resource("---\n" + yaml).create();
    }

    /** Varve's own namespace. */
    String namespace() {
        return namespace;
    }

    /** The namespace whose claims are backed up. */
    String tenant() {
        return tenant;
    }

    /** The database of its jobs, as its owner sees it. */
    JdbcTemplate database() {
        return new JdbcTemplate(
                new DriverManagerDataSource(database.url(), database.user(), database.password()));
    }

    ClusterNode node() {
        return node;
    }

    /** Starts the CronJob's Job now, as {@code kubectl create job --from} does. */
    Job start() {
        return admin().resource(job("nightly-" + ++launches)).create();
    }

    /** The same, after whose first pod there is no other. */
    Job startOnce() {
        Job job = job("nightly-" + ++launches);
        job.getSpec().setBackoffLimit(0);
        return admin().resource(job).create();
    }

    /** Somebody outside of the cluster who reaches the database. */
    VarveInProcess operator() {
        return new VarveInProcess(folder).with(database.environment());
    }

    /** Blocks that are staged for runs that have not ended. */
    int staged() {
        return database()
                .queryForList(
                        "SELECT COALESCE(SUM(block_count), 0) FROM varve_staged_block",
                        Integer.class)
                .getFirst();
    }

    /** Whether a lease is locked: within a transaction of a launcher or a mover. */
    private boolean isLeaseLocked() {
        return !database()
                .queryForList("SELECT COUNT(*) FROM varve_lease", Integer.class)
                .equals(
                        database()
                                .queryForList(
                                        "SELECT COUNT(*) FROM (SELECT 1 FROM varve_lease FOR UPDATE SKIP LOCKED) free",
                                        Integer.class));
    }

    /**
     * Lets a mover hang that has committed more than so many blocks of all runs, and returns it.
     * Until then it runs for moments only: it copies faster than anybody could look. It does not
     * hang within a transaction: who asks for its run to stop would wait for that.
     */
    Pod hangAtCheckpoint(int blocks) throws IOException {
        Pod mover = Waiting.until("a mover", this::runningMover);
        Waiting.until(
                "a checkpoint after %d blocks".formatted(blocks),
                () -> {
                    node.wake(mover);
                    LockSupport.parkNanos(MOMENT_NANOS);
                    node.hang(mover);
                    return Optional.of(staged()).filter(now -> now > blocks && !isLeaseLocked());
                });
        return mover;
    }

    /**
     * Starts a restore into a claim, by the manifest that {@code restore render} prints.
     *
     * @param options of {@code restore run}, without the definition
     */
    Job restore(String claimNamespace, List<String> options) throws IOException {
        String name = "restore-" + ++launches;
        List<String> words = new ArrayList<>(List.of("restore", "run"));
        words.addAll(options);
        words.addAll(List.of("--definition", DEFINITION, "--warnings-as-success"));
        DefinitionFile file = DefinitionFile.read(folder.resolve("nightly.yaml"));
        RestoreManifest manifest =
                new RestoreManifest(
                        file.definition().orElseThrow(),
                        name,
                        claimNamespace,
                        words,
                        options.contains("--create-namespace"));
        admin().load(new ByteArrayInputStream(manifest.text().getBytes(StandardCharsets.UTF_8)))
                .serverSideApply();
        return admin().batch().v1().jobs().inNamespace(namespace).withName(name).get();
    }

    /** The SHA-256 of what a backup restores to, by the program in a launcher's pod. */
    String hash(String backupId) throws IOException {
        String script =
                "%s restore run %s --to-device /tmp/restored && sha256sum /tmp/restored"
                        .formatted(image.command(), backupId);
        String said =
                jobs().await(
                                start(
                                        "restore-" + ++launches,
                                        List.of("sh", "-c", script),
                                        List.of()));
        return said.lines()
                .filter(line -> line.endsWith("/tmp/restored"))
                .map(line -> line.split(" ")[0])
                .reduce((first, last) -> last)
                .orElseThrow(() -> new IOException("no hash in: " + said));
    }

    /**
     * Starts a command in a launcher's pod.
     *
     * @param name of its Job, no other's
     */
    Job start(String name, List<String> arguments) {
        return start(name, List.of(), arguments);
    }

    /**
     * Starts a command of some release in a launcher's pod, after which there is no other.
     *
     * @param name of its Job, no other's
     */
    Job startOnce(String name, InstalledImage release, List<String> arguments) {
        Job job = job(name);
        job.getSpec().setBackoffLimit(0);
        container(job).setImage(release.name());
        container(job).setArgs(arguments);
        return admin().resource(job).create();
    }

    /**
     * @param command instead of the image's; empty for that
     */
    private Job start(String name, List<String> command, List<String> arguments) {
        Job job = job(name);
        container(job).setCommand(command);
        container(job).setArgs(arguments);
        return admin().resource(job).create();
    }

    private static Container container(Job job) {
        return job.getSpec().getTemplate().getSpec().getContainers().getFirst();
    }

    private Job job(String name) {
        return jobs().asScheduled("launcher", name);
    }

    /** The mover that runs now. */
    Optional<Pod> runningMover() {
        return admin()
                .pods()
                .inNamespace(namespace)
                .withLabel("varve.io/role", "mover")
                .list()
                .getItems()
                .stream()
                .filter(JobPods::isRunning)
                .findFirst();
    }

    /** What Varve has made in the cluster and has not removed, but for its bases. */
    List<String> leftovers() {
        return new Leftovers(admin(), storage.driver(), List.of(namespace, tenant)).list();
    }

    /** All that is in its namespaces and in the storage, whoever made it. */
    ClusterInventory inventory() throws IOException {
        return ClusterInventory.of(admin(), storage, List.of(namespace, tenant));
    }

    /** The backups that the repository lists, the newest first. */
    List<JsonNode> backups() throws IOException {
        String printed = run("list-" + ++launches, List.of("backup", "list", "--json"));
        String document =
                printed.lines().filter(line -> line.startsWith("[")).findFirst().orElseThrow();
        return JsonMapper.shared().readTree(document).valueStream().toList();
    }

    /** Jobs and the pods that they have, also those that have ended. */
    JobPods jobs() {
        return new JobPods(admin(), namespace, node);
    }

    /** Runs a command in a launcher's pod, and returns what it printed. */
    String run(String name, List<String> arguments) throws IOException {
        return jobs().await(start(name, arguments));
    }

    @Override
    public void close() throws IOException {
        node.close();
    }
}
