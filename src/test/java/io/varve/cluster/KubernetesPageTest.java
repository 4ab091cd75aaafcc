package io.varve.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.varve.app.ArchivedProgram;
import io.varve.app.Varve;
import io.varve.database.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * docs/KUBERNETES.md from top to bottom: its own commands, in a shell, with the real kubectl. The
 * namespaces that it names are this test's.
 */
@Order(1)
class KubernetesPageTest extends ClusterStorageHarness {

    private static final Path PAGE = Path.of("docs/KUBERNETES.md");
    private static final Path DEFINITION = Path.of("job-definitions/one-namespace.yaml");
    private static final Pattern BACKUP = Pattern.compile("backup ([0-9a-f]{32}), ");
    private static final int MIB = 1 << 20;
    private static final long SEED = 20261129;

    private final Random random = new Random(SEED);

    KubernetesPageTest(ControlPlane plane) throws IOException {
        super(plane);
    }

    @Test
    void whoeverTypesItGetsABackupAndTheClaimBack(@TempDir Path folder) throws IOException {
        try (ClusterNode node =
                ClusterNode.start(plane, "page", folder, InstalledImage.flags(storage, folder))) {
            TestDatabase.Address database = TestDatabase.POSTGRESQL.create(folder);
            prepare(folder, database, node);
            Path volume = tenant();
            byte[] data = new byte[2 * MIB];
            random.nextBytes(data);
            write(volume, 3 * MIB, data);
            String hash = hash(volume);
            PageCommands page = new PageCommands(PAGE, folder, environment(folder));

            page.run(
                    "Install",
                    Map.of(
                            "username=varve", "username=" + database.user(),
                            "password=…", "password=" + database.password()));
            String told = String.join("", page.run("Back up", Map.of()));
            assertThat(told).contains("1 of 1 volumes backed up", "BackupCompleted");
            Matcher backup = BACKUP.matcher(told);
            assertThat(backup.find()).as(told).isTrue();

            page.run(
                    "Restore into a new claim",
                    Map.of("BACKUP", backup.group(1), "job/varve-restore-…", newest("restore")));
            assertThat(hash(storage.volume(boundVolume(claimOf("data-restored"))))).isEqualTo(hash);

            write(volume, 4 * MIB, new byte[] {1, 2, 3});
            String restored =
                    String.join(
                            "",
                            page.run(
                                    "Restore in place",
                                    Map.of(
                                            "BACKUP", backup.group(1),
                                            "job/varve-preview-…", newest("preview"),
                                            "job/varve-restore-…", newest("restore"))));
            assertThat(restored).contains("1.0 MiB");
            assertThat(hash(volume)).isEqualTo(hash);

            page.run(
                    "Upgrade",
                    Map.of("registry.example.com/varve@sha256:…", InstalledImage.NEXT.name()));
            assertThat(Files.readString(folder.resolve("manifests/nightly.yaml")))
                    .contains(InstalledImage.NEXT.name());
            assertThat(page.sections())
                    .as("those that this test runs, and that of a cluster that is lost")
                    .containsExactly(
                            "Install",
                            "Back up",
                            "Restore into a new claim",
                            "Restore in place",
                            "All is lost",
                            "Upgrade");
        }
    }

    /** A reader takes the name that the command before has printed. */
    private static String newest(String kind) {
        return "$(kubectl -n varve get jobs -o name --sort-by=.metadata.creationTimestamp | grep varve-%s- | tail -1)"
                .formatted(kind);
    }

    /**
     * What a reader brings along: the program, an edited definition, a claim for the repository.
     */
    private void prepare(Path folder, TestDatabase.Address database, ClusterNode node)
            throws IOException {
        ArchivedProgram program = ArchivedProgram.get();
        script(
                folder.resolve("varve"),
                "%s/bin/java %s %s"
                        .formatted(
                                System.getProperty("java.home"),
                                String.join(" ", program.options(program.folder())),
                                Varve.class.getName()));
        Files.writeString(
                folder.resolve("repository-claim.yaml"),
                """
                {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: varve-repository}, spec: {
                  storageClassName: "%s", accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}
                """
                        .formatted(storage.driver()));
        Path definition = folder.resolve(DEFINITION);
        Files.createDirectories(definition.getParent());
        String pods =
                """
                  nodeSelector: {kubernetes.io/hostname: %s}
                  tolerations: [{key: %s, operator: Exists}]
                """
                        .formatted(node.name(), ClusterNode.TAINT);
        Files.writeString(
                definition,
                Files.readString(DEFINITION)
                                .replace("one-namespace", "nightly")
                                .replaceAll(
                                        "(?m)^image: .*", "image: " + InstalledImage.FIRST.name())
                                .replaceAll("jdbc:.*", database.url())
                        + "mover:\n%slauncher:\n%s".formatted(pods, pods));
    }

    private static void script(Path file, String command) throws IOException {
        Files.writeString(file, "#!/bin/sh\nexec %s \"$@\"\n".formatted(command));
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    private Map<String, String> environment(Path folder) throws IOException {
        Path programs = Files.createDirectories(folder.resolve("bin"));
        script(programs.resolve("kubectl"), GoProgram.find("kubectl").toString());
        return Map.of(
                "KUBECONFIG", plane.adminKubeconfig().toString(),
                "HOME", folder.toString(),
                "PATH", programs + ":" + System.getenv("PATH"));
    }

    /** The namespace with a claim and a Deployment, and the file behind its volume. */
    private Path tenant() throws IOException {
        make("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}");
        make(
                """
                {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {namespace: shop, name: data}, spec: {
                  storageClassName: "%s", volumeMode: Block, accessModes: [ReadWriteOnce], resources: {requests: {storage: 32Mi}}}}
                """
                        .formatted(storage.driver()));
        make(
                """
                {apiVersion: apps/v1, kind: Deployment, metadata: {namespace: shop, name: shop}, spec: {
                  selector: {matchLabels: {app: shop}}, template: {metadata: {labels: {app: shop}},
                    spec: {containers: [{name: shop, image: shop}]}}}}
                """);
        return storage.volume(boundVolume(claimOf("data")));
    }

    private PersistentVolumeClaim claimOf(String name) {
        return admin.persistentVolumeClaims().inNamespace("shop").withName(name).require();
    }
}
