package io.varve.kube.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import org.junit.jupiter.api.Test;

class OwnershipTest {

    private static final Ownership OURS =
            new Ownership(new Identity("varve", "installation 1", "launcher"));

    private static ConfigMap marked(Ownership ownership, RunObjects objects) {
        return new ConfigMapBuilder()
                .withMetadata(ownership.metadata(objects, Role.JOURNAL, "varve", "name"))
                .build();
    }

    @Test
    void annotationsHoldWhatLabelsCannot() {
        RunObjects objects = new RunObjects("r".repeat(64), "définition", "uid-1", "repo");
        ConfigMap object = marked(OURS, objects);
        assertThat(object.getMetadata().getLabels())
                .containsEntry(Ownership.VOLUME_UID, "uid-1")
                .containsEntry(Ownership.ROLE, "journal")
                .allSatisfy(
                        (key, value) ->
                                assertThat(value)
                                        .hasSizeLessThanOrEqualTo(63)
                                        .matches("[-A-Za-z0-9_.]*"));
        assertThat(Ownership.owner(object)).contains(objects);
        assertThat(OURS.isOf(objects, object)).isTrue();
    }

    @Test
    void anotherInstallationsOrRunsObjectIsNotOurs() {
        RunObjects objects = new RunObjects("run", "", "uid", "repo");
        Ownership other = new Ownership(new Identity("varve", "installation 2", "launcher"));
        assertThat(OURS.isOurs(marked(other, objects))).isFalse();
        assertThat(OURS.isOf(new RunObjects("run-2", "", "uid", "repo"), marked(OURS, objects)))
                .isFalse();
        assertThat(OURS.isOurs(new ConfigMapBuilder().withNewMetadata().endMetadata().build()))
                .isFalse();
    }

    @Test
    void namesFollowFromRunVolumeAndRepositoryAndFitEveryKind() {
        RunObjects objects = new RunObjects("run", "nightly", "uid", "repo");
        assertThat(objects.name())
                .isEqualTo(new RunObjects("run", "renamed", "uid", "repo").name())
                .isNotEqualTo(new RunObjects("run", "nightly", "uid-2", "repo").name())
                .isNotEqualTo(new RunObjects("run", "nightly", "uid", "repo-2").name());
        // A Job's pods get six characters more, and their names become labels.
        assertThat(objects.mover(1000)).hasSizeLessThanOrEqualTo(57).matches("[a-z0-9-]+");
        assertThat(objects.copy("x".repeat(253))).hasSizeLessThanOrEqualTo(63);
    }
}
