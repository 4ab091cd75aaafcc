package io.varve.kube.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;

class ObjectReadingTest {

    /** The claim's own capacity is the larger one then. */
    @Test
    void aSizeThatTheDriverDoesNotTellIsZero() {
        assertThat(new SnapshotObject(object("{status: {readyToUse: true}}")).restoreSize())
                .isZero();
        assertThat(new ContentObject(object("{status: {readyToUse: true}}")).restoreSize())
                .isZero();
        assertThat(new SnapshotObject(object("{status: {restoreSize: 4Mi}}")).restoreSize())
                .isEqualTo(4 << 20);
        assertThat(new ContentObject(object("{status: {restoreSize: 4096}}")).restoreSize())
                .isEqualTo(4096);
    }

    @Test
    void onlyAContentWithoutAHandleIsUnknownToItsStorage() {
        String error =
                "error: {message: 'failed to list: \"can not find snapshot for snapshotID s-1\"'}";
        assertThat(
                        new ContentObject(object("{status: {%s}}".formatted(error)))
                                .isUnknownToStorage())
                .isTrue();
        assertThat(
                        new ContentObject(
                                        object(
                                                "{status: {snapshotHandle: s-1, %s}}"
                                                        .formatted(error)))
                                .isUnknownToStorage())
                .isFalse();
        assertThat(
                        new ContentObject(object("{status: {error: {message: timeout}}}"))
                                .isUnknownToStorage())
                .isFalse();
    }

    private static GenericKubernetesResource object(String yaml) {
        return Serialization.unmarshal("---\n" + yaml, GenericKubernetesResource.class);
    }
}
