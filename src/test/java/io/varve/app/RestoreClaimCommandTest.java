package io.varve.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.rbac.Subject;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Restores into claims as they are written on the command line. */
class RestoreClaimCommandTest {

    private static final String ID = "0123456789abcdef0123456789abcdef";

    private static final KubernetesSerialization SERIALIZATION = new KubernetesSerialization();

    @TempDir Path folder;
    private VarveInProcess varve;

    @BeforeEach
    void start() {
        varve = new VarveInProcess(folder);
    }

    private static List<HasMetadata> objects(String yaml) {
        return Arrays.stream(yaml.split("(?m)^---$"))
                .map(text -> (HasMetadata) SERIALIZATION.unmarshal(text))
                .toList();
    }

    private List<HasMetadata> rendered(String... options) {
        return renderedFor("one-namespace", options);
    }

    private List<HasMetadata> renderedFor(String definition, String... options) {
        List<String> words = new ArrayList<>(List.of("restore", "render", ID));
        words.addAll(List.of("--definition", "job-definitions/%s.yaml".formatted(definition)));
        words.addAll(List.of(options));
        VarveInProcess.Result result = varve.run(words.toArray(String[]::new));
        assertThat(result.code()).as(result.err()).isZero();
        return objects(result.out());
    }

    @Test
    void theJobDoesWhatWasAskedForWithTheRightsOfARestore() {
        List<HasMetadata> objects =
                rendered("--to-pvc", "shop/data", "--in-place", "incremental", "--verify");
        assertThat(objects).hasSize(1);
        assertThat(objects.getFirst().getMetadata().getName()).startsWith("varve-restore-");
        var pod = ((Job) objects.getFirst()).getSpec().getTemplate().getSpec();
        assertThat(pod.getServiceAccountName()).isEqualTo("launcher-restore");
        assertThat(pod.getContainers().getFirst().getArgs())
                .startsWith(
                        "restore",
                        "run",
                        ID,
                        "--to-pvc",
                        "shop/data",
                        "--definition",
                        "one-namespace",
                        "--in-place",
                        "incremental",
                        "--verify");
        assertThat(pod.getVolumes())
                .anyMatch(
                        volume ->
                                volume.getConfigMap() != null
                                        && volume.getConfigMap()
                                                .getName()
                                                .equals("varve-definition-one-namespace"));
    }

    @Test
    void theJobOfAPreviewWritesNothing() {
        Job job =
                (Job)
                        rendered("--to-pvc", "shop/data", "--in-place", "full", "--preview")
                                .getFirst();
        assertThat(job.getMetadata().getName()).startsWith("varve-preview-");
        assertThat(job.getSpec().getTemplate().getSpec().getContainers().getFirst().getArgs())
                .containsSubsequence("--in-place", "full", "--preview");
    }

    @Test
    void whereTheDefinitionHasNoClaimsRightsAreGivenToo() {
        List<HasMetadata> objects =
                rendered(
                        "--to-pvc",
                        "lab/copy",
                        "--create-namespace",
                        "--storage-class",
                        "slow",
                        "--volume-mode",
                        "block",
                        "--access-mode",
                        "ReadWriteOnce",
                        "--size",
                        "20Gi",
                        "--node",
                        "n1");
        assertThat(objects)
                .extracting(HasMetadata::getKind)
                .containsExactly("Namespace", "RoleBinding", "Job");
        assertThat(objects.get(1).getMetadata().getNamespace()).isEqualTo("lab");
        assertThat(((Job) objects.getLast()).getSpec().getTemplate().getSpec().getContainers())
                .first()
                .satisfies(
                        container ->
                                assertThat(container.getArgs())
                                        .containsSubsequence(
                                                "--storage-class",
                                                "slow",
                                                "--volume-mode",
                                                "block",
                                                "--access-mode",
                                                "ReadWriteOnce",
                                                "--size",
                                                "20Gi",
                                                "--node",
                                                "n1",
                                                "--create-namespace"));
    }

    /** Its definition's own bindings went with the namespace. */
    @Test
    void whatADefinitionCopiesARestoreMayReadWhereItsNamespaceIsMadeAnew() {
        List<HasMetadata> objects =
                renderedFor("many-volumes", "--to-pvc", "lab/copy", "--create-namespace");
        assertThat(objects)
                .extracting(HasMetadata::getKind)
                .containsExactly("Namespace", "RoleBinding", "Role", "RoleBinding", "Job");
        assertThat(((Role) objects.get(2)).getRules())
                .singleElement()
                .satisfies(
                        rule -> {
                            assertThat(rule.getResources()).containsExactly("secrets");
                            assertThat(rule.getResourceNames())
                                    .containsExactly("ceph-csi-kms-token");
                        });
        for (int binding : new int[] {1, 3}) {
            assertThat(((RoleBinding) objects.get(binding)).getSubjects())
                    .extracting(Subject::getName)
                    .containsExactly("launcher-restore");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--to-pvc shop/data|--to-pvc needs --definition",
                "--to-pvc data --definition x|is no claim; it must be NAMESPACE/NAME",
                "--to-pvc shop/data --definition x --overwrite|--overwrite is for files",
                "--to-pvc shop/data --definition x --in-place full --size 1Gi|stays as it is",
                "--to-pvc shop/data --definition x --size much|is no quantity",
                "--to-pvc shop/data --definition no-such.yaml|definitions cannot be read",
                "--to-pvc shop/data --definition x --preview|it needs --to-pvc and --in-place",
                "--to-device /tmp/x --in-place full --preview|it needs --to-pvc and --in-place",
                "--to-device /tmp/x --storage-class fast|need --to-pvc",
                "--to-device /tmp/x --to-pvc shop/data|mutually exclusive"
            })
    void whatMakesNoSenseIsRefused(String options, String message) {
        List<String> words = new ArrayList<>(List.of("restore", "run", ID));
        words.addAll(List.of(options.split(" ")));
        VarveInProcess.Result result = varve.run(words.toArray(String[]::new));
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains(message);
    }

    @Test
    void alsoThePreviewThatCannotBeginSaysInJsonWhatItIs() {
        VarveInProcess.Result result =
                varve.run(
                        "restore",
                        "run",
                        ID,
                        "--to-pvc",
                        "shop/data",
                        "--in-place",
                        "full",
                        "--preview",
                        "--definition",
                        "job-definitions/one-namespace.yaml",
                        "--json");
        assertThat(result.code()).isEqualTo(10);
        assertThat(result.json().get("preview").asBoolean()).isTrue();
        assertThat(result.json().get("target").asString()).isEqualTo("shop/data");
        assertThat(result.json().get("writtenBytes").asLong()).isZero();
        assertThat(result.json().get("bytesAtMost").isNull()).isTrue();
        assertThat(result.json().get("usedBy").isEmpty()).isTrue();
    }

    @Test
    void withoutPostgresqlNothingIsBegun() {
        assertThat(varve.run("repository", "create").code()).isZero();
        VarveInProcess.Result result =
                varve.run(
                        "restore",
                        "run",
                        ID,
                        "--to-pvc",
                        "shop/data",
                        "--definition",
                        "job-definitions/one-namespace.yaml");
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("these need PostgreSQL");
    }
}
