package io.varve.cluster;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.varve.app.Varve;
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
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * Varve as its rendered manifests install it: with their ServiceAccounts and no other rights, on a
 * node that runs its pods, with PostgreSQL and a repository in a claim.
 */
final class InstalledVarve implements AutoCloseable {

    static final String DEFINITION = "nightly";
    static final String PASSWORD = "correct horse";

    private static final Map<String, String> OURS = Map.of("app.kubernetes.io/managed-by", "varve");
    private static final String IMAGE = "varve";
    private static final String REPOSITORY = "/repository";

    private final ControlPlane plane;
    private final ClusterStorage storage;
    private final String namespace;
    private final String tenant;
    private final Path folder;
    private final TestDatabase.Address database;
    private final ClusterNode node;
    private int launches;

    private InstalledVarve(ControlPlane plane, ClusterStorage storage, Path folder)
            throws IOException {
        this.plane = plane;
        this.storage = storage;
        this.folder = folder;
        this.namespace = plane.newNamespace("varve");
        this.tenant = plane.newNamespace("tenant");
        this.database = TestDatabase.POSTGRESQL.create(folder);
        this.node =
                ClusterNode.start(
                        plane, namespace, folder, InstalledImage.flags(IMAGE, storage, folder));
    }

    /**
     * @param more fields of the definition, in YAML
     */
    static InstalledVarve install(
            ControlPlane plane, ClusterStorage storage, Path folder, String more)
            throws IOException {
        InstalledVarve varve = new InstalledVarve(plane, storage, folder);
        try {
            varve.secrets();
            varve.apply(more);
            varve.run("create", List.of("repository", "create"));
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
                {apiVersion: v1, kind: Secret, metadata: {namespace: "%s", name: repository}, stringData: {password: "%s"}}
                """
                        .formatted(namespace, PASSWORD));
        make(
                """
                {apiVersion: v1, kind: Secret, metadata: {namespace: "%s", name: database}, stringData: {user: "%s", password: "%s"}}
                """
                        .formatted(namespace, database.user(), database.password()));
        make(
                """
                {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {namespace: "%s", name: repository}, spec: {
                  storageClassName: "%s", accessModes: [ReadWriteOnce], resources: {requests: {storage: 256Mi}}}}
                """
                        .formatted(namespace, storage.driver()));
    }

    private void apply(String more) throws IOException {
        String here =
                """
                nodeSelector: {kubernetes.io/hostname: %s}
                  tolerations: [{key: %s, operator: Exists}]
                """
                        .formatted(node.name(), ClusterNode.TAINT)
                        .strip();
        Path file =
                Files.writeString(
                        folder.resolve("nightly.yaml"),
                        """
                        version: 1
                        name: %s
                        namespace: %s
                        image: %s
                        schedule: {cron: "0 0 1 1 *", timeZone: Etc/UTC}
                        exporter: false
                        repository: {location: "file://%s", claim: repository, password: {secret: repository, key: password}}
                        database: {url: "%s", user: {secret: database, key: user}, password: {secret: database, key: password}}
                        volumes: [{namespaces: [%s]}]
                        mover:
                          %s
                        launcher:
                          %s
                        %s
                        """
                                .formatted(
                                        DEFINITION,
                                        namespace,
                                        IMAGE,
                                        REPOSITORY,
                                        database.url(),
                                        tenant,
                                        here,
                                        here,
                                        more));
        DefinitionFile definition = DefinitionFile.read(file);
        if (!definition.problems().isEmpty()) {
            throw new IOException("the definition is wrong: " + definition.problems());
        }
        for (ManifestFile manifest : CronJobFiles.render(List.of(definition))) {
            admin().load(new ByteArrayInputStream(manifest.text().getBytes(StandardCharsets.UTF_8)))
                    .serverSideApply();
        }
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
        return start("nightly-" + ++launches, List.of());
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

    /** All that is known of runs is lost. */
    void loseDatabase() throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(
                                database.url(), database.user(), database.password());
                Statement statement = connection.createStatement()) {
            statement.execute("DROP SCHEMA public CASCADE");
            statement.execute("CREATE SCHEMA public");
        }
    }

    /** The SHA-256 of what a backup restores to, by the program in a launcher's pod. */
    String hash(String backupId) throws IOException {
        String script =
                "%s/bin/java @/varve/arguments %s restore run %s --to-device /tmp/restored && sha256sum /tmp/restored"
                        .formatted(
                                System.getProperty("java.home"), Varve.class.getName(), backupId);
        String said = await(start("restore-" + ++launches, List.of("sh", "-c", script), List.of()));
        return said.lines()
                .filter(line -> line.endsWith("/tmp/restored"))
                .map(line -> line.split(" ")[0])
                .reduce((first, last) -> last)
                .orElseThrow(() -> new IOException("no hash in: " + said));
    }

    private Job start(String name, List<String> arguments) {
        return start(name, List.of(), arguments);
    }

    /**
     * @param command instead of the image's; empty for that
     * @param arguments of the program instead of the CronJob's; empty for those
     */
    private Job start(String name, List<String> command, List<String> arguments) {
        CronJob cronJob =
                admin().batch().v1().cronjobs().inNamespace(namespace).list().getItems().stream()
                        .filter(each -> each.getMetadata().getName().contains(DEFINITION))
                        .findFirst()
                        .orElseThrow();
        JobBuilder job =
                new JobBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(name)
                        .endMetadata()
                        .withSpec(cronJob.getSpec().getJobTemplate().getSpec());
        if (!arguments.isEmpty() || !command.isEmpty()) {
            job.editSpec()
                    .editTemplate()
                    .editSpec()
                    .editFirstContainer()
                    .withCommand(command)
                    .withArgs(arguments)
                    .endContainer()
                    .endSpec()
                    .endTemplate()
                    .endSpec();
        }
        return admin().resource(job.build()).create();
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
                .filter(InstalledVarve::isRunning)
                .findFirst();
    }

    static boolean isRunning(Pod pod) {
        return pod.getStatus().getPhase().equals("Running");
    }

    /** What Varve has made in the cluster and has not removed, but for its bases. */
    List<String> leftovers() {
        List<HasMetadata> all = new ArrayList<>();
        all.addAll(
                admin().batch()
                        .v1()
                        .jobs()
                        .inNamespace(namespace)
                        .withLabels(OURS)
                        .list()
                        .getItems());
        all.addAll(
                admin().persistentVolumeClaims()
                        .inAnyNamespace()
                        .withLabels(OURS)
                        .list()
                        .getItems());
        all.addAll(admin().configMaps().inAnyNamespace().withLabels(OURS).list().getItems());
        all.addAll(admin().secrets().inAnyNamespace().withLabels(OURS).list().getItems());
        for (String kind : List.of("VolumeSnapshot", "VolumeSnapshotContent")) {
            all.addAll(
                    admin().genericKubernetesResources(ClusterStorageHarness.SNAPSHOTS, kind)
                            .inAnyNamespace()
                            .withLabels(OURS)
                            .list()
                            .getItems());
        }
        return all.stream()
                .filter(each -> !"base".equals(each.getMetadata().getLabels().get("varve.io/role")))
                .filter(this::isHere)
                .map(each -> each.getKind() + " " + each.getMetadata().getName())
                .toList();
    }

    /** Objects of the whole cluster are of the test whose driver they name. */
    private boolean isHere(HasMetadata object) {
        if (object instanceof GenericKubernetesResource content
                && object.getKind().equals("VolumeSnapshotContent")) {
            return storage.driver().equals(content.get("spec", "driver"));
        }
        return List.of(namespace, tenant).contains(object.getMetadata().getNamespace());
    }

    /** The pods that a Job has, also those that have ended. */
    List<Pod> pods(Job job) {
        return admin().pods()
                .inNamespace(namespace)
                .withLabels(Map.of("batch.kubernetes.io/job-name", job.getMetadata().getName()))
                .list()
                .getItems();
    }

    /** The pod that a Job ended with; the API server has them in no order. */
    Pod last(Job job) {
        List<Pod> all = pods(job);
        return all.stream()
                .filter(pod -> pod.getStatus().getPhase().equals("Succeeded"))
                .findFirst()
                .orElseGet(
                        () ->
                                all.stream()
                                        .max(
                                                Comparator.comparing(
                                                        pod ->
                                                                pod.getMetadata()
                                                                        .getCreationTimestamp()))
                                        .orElseThrow());
    }

    /** Waits for a Job's success, and returns what the pod printed that ended well. */
    String await(Job job) throws IOException {
        Waiting.until("Job %s to end".formatted(job.getMetadata().getName()), () -> succeeded(job));
        return node.log(last(job), "varve");
    }

    private Optional<Job> succeeded(Job job) throws IOException {
        Job now = admin().resource(job).get();
        for (var condition : now.getStatus().getConditions()) {
            if (condition.getType().equals("Failed") && condition.getStatus().equals("True")) {
                List<String> logs = new ArrayList<>();
                for (Pod pod : pods(job)) {
                    logs.add(node.log(pod, "varve"));
                }
                throw new IOException(
                        "Job %s failed: %s\n%s"
                                .formatted(
                                        now.getMetadata().getName(),
                                        condition.getMessage(),
                                        String.join("\n", logs)));
            }
        }
        return Optional.of(now)
                .filter(
                        each ->
                                each.getStatus().getConditions().stream()
                                        .anyMatch(it -> it.getType().equals("Complete")));
    }

    /** Runs a command in a launcher's pod, and returns what it printed. */
    String run(String name, List<String> arguments) throws IOException {
        return await(start(name, arguments));
    }

    @Override
    public void close() throws IOException {
        node.close();
    }
}
