package io.varve.kube.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.varve.kube.restore.Rebind.Way;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RestoreJournalTest {

    private static final Rebind REBIND =
            new Rebind(
                    Way.IN_PLACE,
                    "pvc-1",
                    "uid-1",
                    "Delete",
                    "uid-2",
                    new PersistentVolumeBuilder()
                            .withNewMetadata()
                            .withName("varve-1-volume")
                            .endMetadata()
                            .withNewSpec()
                            .withCapacity(Map.of("storage", new Quantity("4Mi")))
                            .withNewCsi()
                            .withDriver("csi.example")
                            .withVolumeHandle("handle")
                            .endCsi()
                            .endSpec()
                            .build(),
                    new PersistentVolumeClaimBuilder()
                            .withNewMetadata()
                            .withNamespace("shop")
                            .withName("data")
                            .endMetadata()
                            .build());

    @Test
    void aJournalIsReadAsItWasWritten() {
        assertThat(RestoreJournal.rebind(RestoreJournal.data(REBIND))).isEqualTo(REBIND);
    }

    @Test
    void whatIsMissingOrDamagedIsNamed() {
        Map<String, String> lacking = new LinkedHashMap<>(RestoreJournal.data(REBIND));
        lacking.remove("volume-uid");
        assertThatThrownBy(() -> RestoreJournal.rebind(lacking))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("volume-uid is missing");
        Map<String, String> damaged = new LinkedHashMap<>(RestoreJournal.data(REBIND));
        damaged.put("claim", "{spec: [");
        assertThatThrownBy(() -> RestoreJournal.rebind(damaged))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("claim: ");
    }
}
