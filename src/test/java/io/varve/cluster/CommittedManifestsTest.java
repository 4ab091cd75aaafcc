package io.varve.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each file of {@code k8s/cronjobs} is what the API server takes: applied there, field by field,
 * but kept by nobody.
 */
@NeedsControlPlane
class CommittedManifestsTest {

    private static final Path FOLDER = Path.of("k8s", "cronjobs");

    private final ControlPlane plane;
    private final String namespace;

    CommittedManifestsTest(ControlPlane plane) throws IOException {
        this.plane = plane;
        namespace = plane.newNamespace("manifests");
    }

    private static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.sorted().toList();
        }
    }

    /** In a namespace that is there: others' tests use the files' own. */
    private List<String> apply(String yaml) {
        List<String> kinds = new ArrayList<>();
        for (HasMetadata object :
                plane.admin()
                        .load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
                        .items()) {
            if (object.getMetadata().getNamespace() != null) {
                object.getMetadata().setNamespace(namespace);
            }
            kinds.add(plane.admin().resource(object).dryRun().serverSideApply().getKind());
        }
        return kinds;
    }

    @ParameterizedTest
    @MethodSource("files")
    void theApiServerTakesEachFile(Path file) throws IOException {
        assertThat(apply(Files.readString(file))).contains("Namespace").hasSizeGreaterThan(2);
    }

    @Test
    void aFieldThatThereIsNotWouldBeRefused() throws IOException {
        String yaml = Files.readString(FOLDER.resolve("one-namespace.yaml"));
        assertThat(yaml).contains("concurrencyPolicy:");
        assertThatThrownBy(() -> apply(yaml.replace("concurrencyPolicy:", "concurencyPolicy:")))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("concurencyPolicy");
    }
}
