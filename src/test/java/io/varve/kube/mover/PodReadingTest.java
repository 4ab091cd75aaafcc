package io.varve.kube.mover;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class PodReadingTest {

    private static MoverState state(String status) {
        return PodReading.state(
                Serialization.unmarshal(
                        "---\n{metadata: {name: mover-1}, spec: {nodeName: node-1}, status: %s}"
                                .formatted(status),
                        Pod.class));
    }

    @Test
    void aMoverThatRunsNamesItsPodAndNode() {
        assertThat(
                        state(
                                "{phase: Running, containerStatuses: [{name: mover, state: {running: {}}}]}"))
                .isEqualTo(new MoverState.Running("mover-1", "node-1"));
    }

    @Test
    void aMoverThatWaitsSaysForWhat() {
        assertThat(
                        state(
                                """
                                {phase: Pending,
                                 conditions: [{type: PodScheduled, status: "False", message: 0/3 nodes are available}],
                                 containerStatuses: [{name: mover, state: {waiting: {reason: ImagePullBackOff, message: no such image}}}]}
                                """))
                .isEqualTo(
                        new MoverState.Pending(
                                List.of(
                                        "not scheduled: 0/3 nodes are available",
                                        "container mover waits: ImagePullBackOff, no such image")));
    }

    @Test
    void aMoverThatEndedByItselfHasNoReasonButItsCode() {
        assertThat(
                        state(
                                """
                                {phase: Failed, containerStatuses: [{name: mover, state:
                                  {terminated: {exitCode: 75, reason: Error, message: "last line\\n"}}}]}
                                """))
                .isEqualTo(
                        new MoverState.Ended(
                                OptionalInt.of(75), "last line", Optional.empty(), List.of()));
    }

    @Test
    void anEvictedPodHasAReasonAndPerhapsNoCode() {
        assertThat(state("{phase: Failed, reason: Evicted, message: low on memory}"))
                .isEqualTo(
                        new MoverState.Ended(
                                OptionalInt.empty(),
                                "low on memory",
                                Optional.of("Evicted"),
                                List.of()));
    }

    @Test
    void aForeignContainerThatStillRunsIsNamed() {
        assertThat(
                        state(
                                """
                                {phase: Running, containerStatuses: [
                                  {name: mover, state: {terminated: {exitCode: 0, reason: Completed}}},
                                  {name: istio-proxy, image: proxy:1, state: {running: {}}}]}
                                """))
                .isInstanceOfSatisfying(
                        MoverState.Ended.class,
                        ended -> {
                            assertThat(ended.exitCode()).hasValue(0);
                            assertThat(ended.warnings())
                                    .singleElement()
                                    .asString()
                                    .contains("istio-proxy (proxy:1)", "keeps pod mover-1");
                        });
    }
}
