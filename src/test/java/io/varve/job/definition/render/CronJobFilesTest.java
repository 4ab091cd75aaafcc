package io.varve.job.definition.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.job.definition.DefinitionFile;
import io.varve.job.definition.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a definition says is in its manifests, and no right that it does not need. */
class CronJobFilesTest {

    private static final String DEFINITION =
            """
            version: 1
            name: nightly
            image: varve:1
            schedule: {cron: "30 4 * * *", timeZone: Etc/UTC, startingDeadline: 20m}
            repository:
              location: file:///repository
              claim: varve-repository
              password: {secret: varve, key: password}
            database:
              url: jdbc:postgresql://db:6432/varve
              user: {secret: varve-db, key: user}
              password: {secret: varve-db, key: password}
            volumes:
              - namespaces: [shop, bank]
            """;

    @TempDir Path folder;

    private DefinitionFile file(String name, String text) throws IOException {
        return DefinitionFile.read(Files.writeString(folder.resolve(name), text));
    }

    private List<ManifestFile> render(String text) throws IOException {
        return CronJobFiles.render(List.of(file("nightly.yaml", text)));
    }

    /** Manifest {@code nightly.yaml}, as text. */
    private String rendered(String text) throws IOException {
        return render(text).stream()
                .filter(file -> file.name().equals("nightly.yaml"))
                .findFirst()
                .orElseThrow()
                .text();
    }

    private List<String> problems(String... texts) throws IOException {
        List<DefinitionFile> files = new ArrayList<>();
        for (String text : texts) {
            files.add(file(files.size() + ".yaml", text));
        }
        return RenderChecks.problems(files).stream()
                .map(Problem::toString)
                .map(problem -> problem.replace(folder + "/", ""))
                .toList();
    }

    @Test
    void rightsOverClaimsAreGrantedInTheListedNamespacesOnly() throws IOException {
        assertThat(rendered(DEFINITION))
                .contains("kind: RoleBinding\nmetadata:\n  namespace: bank\n")
                .contains("kind: RoleBinding\nmetadata:\n  namespace: shop\n")
                .doesNotContain("ClusterRoleBinding");
        assertThat(rendered(DEFINITION.replace("namespaces: [shop, bank]", "names: [data]")))
                .contains("kind: ClusterRoleBinding\n")
                .doesNotContain("kind: RoleBinding");
    }

    @Test
    void secretsThatAreCopiedAreReadByTheirNames() throws IOException {
        String copied = "storageClasses: {slow: {copySecrets: [tenant-key]}}\n";

        assertThat(rendered(DEFINITION)).doesNotContain("- secrets");
        assertThat(rendered(DEFINITION + copied))
                .contains(
                        "      - secrets\n    resourceNames:\n      - tenant-key\n    verbs:\n      - get\n");
    }

    @Test
    void aRestoreHasNoRightsOfABackupWhereClaimsAre() throws IOException {
        for (ManifestFile file : render(DEFINITION)) {
            for (Object document : file.documents()) {
                Map<?, ?> object = (Map<?, ?>) document;
                if (String.valueOf(object.get("roleRef")).contains(":source")) {
                    assertThat(String.valueOf(object.get("subjects")))
                            .contains("launcher-backup")
                            .doesNotContain("launcher-restore");
                }
            }
        }
    }

    @Test
    void nothingIsBoundToMovers() throws IOException {
        for (ManifestFile file : render(DEFINITION)) {
            for (Object document : file.documents()) {
                Map<?, ?> object = (Map<?, ?>) document;
                assertThat(String.valueOf(object.get("subjects"))).doesNotContain("name=mover");
            }
        }
    }

    @Test
    void aFolderIsWrittenByOneUser() throws IOException {
        for (String root : List.of("", "mover: {runAs: root, user: 1000}\n")) {
            assertThat(rendered(DEFINITION + root))
                    .contains("runAsUser: 0\n")
                    .doesNotContain("runAsNonRoot");
        }
        assertThat(rendered(DEFINITION + "mover: {runAs: owner, user: 1000}\n"))
                .contains("runAsNonRoot: true\n", "runAsUser: 1000\n", "fsGroup: 1000\n");
    }

    @Test
    void durationsAreSecondsAndTheDatabasesPortIsOpen() throws IOException {
        assertThat(rendered(DEFINITION))
                .contains("startingDeadlineSeconds: 1200\n", "port: 6432\n");
    }

    @Test
    void aBucketsKeysComeFromTheirSecretAndItsPortIsOpen() throws IOException {
        String text =
                DEFINITION
                        .replace("file:///repository", "s3://backups?endpoint=http://minio:9000")
                        .replace(
                                "  claim: varve-repository\n",
                                """
                                  credentials:
                                    accessKeyId: {secret: bucket, key: id}
                                    secretAccessKey: {secret: bucket, key: secret}
                                  accountAnnotations: {eks.amazonaws.com/role-arn: "arn:aws:iam::1:role/varve"}
                                """);

        assertThat(rendered(text))
                .contains("port: 9000\n", "runAsUser: 65532\n")
                .containsPattern(
                        "- name: AWS_SECRET_ACCESS_KEY\\s+valueFrom:\\s+secretKeyRef:\\s+name: bucket\\s+key: secret\\s")
                .doesNotContain("persistentVolumeClaim", "AWS_SESSION_TOKEN");
        assertThat(render(text).get(1).text())
                .contains("eks.amazonaws.com/role-arn: arn:aws:iam::1:role/varve");
        assertThat(render(text).get(2).text())
                .as("the exporter, which needs none")
                .contains("serviceAccountName: exporter")
                .doesNotContain("role-arn", "AWS_");
    }

    /** Its webhook looks at the pod's own labels. */
    @Test
    void podsThatAzureIsToGiveAnIdentitySaySo() throws IOException {
        String text =
                DEFINITION
                        .replace("file:///repository", "azure://backups?account=acme")
                        .replace("  claim: varve-repository\n", "");
        String key = "  credentials: {accountKey: {secret: azure, key: key}}\n";

        assertThat(rendered(text)).containsPattern("azure.workload.identity/use: .?true");
        assertThat(rendered(text.replace("database:", key + "database:")))
                .contains("- name: AZURE_STORAGE_KEY")
                .doesNotContain("azure.workload.identity");
    }

    @Test
    void accountsOfANamespaceHaveTheSameAnnotations() throws IOException {
        String other =
                DEFINITION
                        .replace("name: nightly", "name: weekly")
                        .replace("  claim:", "  accountAnnotations: {role: other}\n  claim:");

        assertThat(problems(DEFINITION, other))
                .singleElement()
                .asString()
                .contains("repository.accountAnnotations", "both share the ServiceAccounts");
        assertThat(problems(DEFINITION, other + "namespace: elsewhere\n")).isEmpty();
    }

    @Test
    void theDefinitionIsInItsConfigMapToTheByte() throws IOException {
        Map<?, ?> configMap = (Map<?, ?>) render(DEFINITION).getFirst().documents().get(1);

        assertThat(configMap.get("data")).isEqualTo(Map.of("nightly.yaml", DEFINITION));
    }

    @Test
    void whatANamespaceSharesIsWrittenOnce() throws IOException {
        DefinitionFile one = file("nightly.yaml", DEFINITION);
        DefinitionFile other =
                file(
                        "weekly.yaml",
                        DEFINITION
                                .replace("name: nightly", "name: weekly")
                                .replace("/repository", "/elsewhere"));

        assertThat(CronJobFiles.render(List.of(one, other)))
                .extracting(ManifestFile::name)
                .hasSize(6)
                .contains("nightly.yaml", "weekly.yaml", "varve.access.yaml", "varve.exporter.yaml")
                .filteredOn(name -> name.startsWith("varve.sweep-"))
                .hasSize(2);
    }

    @Test
    void anExporterMayBeLeftOut() throws IOException {
        assertThat(render(DEFINITION + "exporter: false\n"))
                .extracting(ManifestFile::name)
                .doesNotContain("varve.exporter.yaml");
    }

    @Test
    void everyFileBringsTheNamespaceSoThatItAppliesByItself() throws IOException {
        assertThat(render(DEFINITION))
                .allSatisfy(file -> assertThat(file.objects()).startsWith("Namespace varve"));
    }

    @Test
    void aCronJobNeedsAnImageAndASchedule() throws IOException {
        String text = DEFINITION.replace("image: varve:1\n", "").replaceFirst("schedule: .*\n", "");

        assertThat(problems(text))
                .hasSize(2)
                .anyMatch(problem -> problem.startsWith("0.yaml:1:1: image: is missing"))
                .anyMatch(problem -> problem.startsWith("0.yaml:1:1: schedule: is missing"));
    }

    @Test
    void aStartThatTheControllerWouldMissIsRefused() throws IOException {
        assertThat(problems(DEFINITION.replace("20m", "5s")))
                .singleElement()
                .asString()
                .contains("schedule.startingDeadline", "found 5s");
    }

    @Test
    void definitionsOfOneNamespaceShareTheDatabase() throws IOException {
        String other = DEFINITION.replace("name: nightly", "name: weekly").replace("db:", "pg:");

        assertThat(problems(DEFINITION, other))
                .singleElement()
                .asString()
                .contains("1.yaml:1:1: database:", "0.yaml");
        assertThat(problems(DEFINITION, other + "namespace: elsewhere\n")).isEmpty();
    }

    @Test
    void definitionsThatShareAPodAgreeOnIt() throws IOException {
        String other = DEFINITION.replace("name: nightly", "name: weekly");
        String big = "launcher: {resources: {requests: {memory: 1Gi}}}\n";

        assertThat(problems(DEFINITION, other)).isEmpty();
        assertThat(problems(DEFINITION, other.replace("varve:1", "varve:2")))
                .singleElement()
                .asString()
                .startsWith("1.yaml:1:1: image: is another one than that of 0.yaml")
                .contains("both share the CronJob varve-sweep-");
        assertThat(problems(DEFINITION, other + big))
                .singleElement()
                .asString()
                .startsWith("1.yaml:1:1: launcher.resources:");
        assertThat(problems(DEFINITION, other.replace("secret: varve,", "secret: other,")))
                .singleElement()
                .asString()
                .startsWith("1.yaml:1:1: repository.password:");
        assertThat(
                        problems(
                                DEFINITION,
                                other.replace("/repository", "/elsewhere")
                                        .replace("varve:1", "v:2")))
                .singleElement()
                .asString()
                .contains("image:", "the Deployment varve-exporter");
        assertThat(problems(DEFINITION, other + big + "namespace: elsewhere\n")).isEmpty();
        assertThat(problems(DEFINITION, other.replace("/repository", "/elsewhere") + big))
                .isEmpty();
    }

    @Test
    void aClaimHidesNoFolderThatPodsHave() throws IOException {
        for (String folder :
                List.of("/", "/tmp", "/tmp/repository", "/etc/varve", "/etc/varve/definitions")) {
            assertThat(problems(DEFINITION.replace("file:///repository", "file://" + folder)))
                    .as(folder)
                    .singleElement()
                    .asString()
                    .startsWith("0.yaml:1:1: repository.location:");
        }
        assertThat(problems(DEFINITION.replace("file:///repository", "file:///tmpfiles")))
                .isEmpty();
    }

    @Test
    void namesOfWhatVarveMakesItselfAreTaken() throws IOException {
        assertThat(problems(DEFINITION.replace("name: nightly", "name: varve-sweep-4482b277")))
                .singleElement()
                .asString()
                .startsWith("0.yaml:1:1: name:");
    }
}
