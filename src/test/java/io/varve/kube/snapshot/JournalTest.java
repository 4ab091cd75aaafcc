package io.varve.kube.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JournalTest {

    private static final Cut CUT =
            new Cut(
                    new Cut.Source("shop", "varve-1-source", "u1"),
                    "snapcontent-u1",
                    "u2",
                    "rbd.csi.ceph.com",
                    "class",
                    "0001-0009",
                    Optional.of("change-1"),
                    1L << 40,
                    Instant.parse("2026-01-01T00:00:00.123456789Z"),
                    Map.of("snapshot.storage.kubernetes.io/deletion-secret-name", "rbd"),
                    "node-1");

    @Test
    void whatIsWrittenIsRead() {
        assertThat(Journal.cut(Journal.data(CUT))).isEqualTo(CUT);
    }

    @Test
    void aJournalWithoutAHandleIsRefused() {
        Map<String, String> data = new LinkedHashMap<>(Journal.data(CUT));
        data.remove("snapshot-handle");
        assertThatThrownBy(() -> Journal.cut(data))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("snapshot-handle is missing");
    }

    @Test
    void marksOfAnObjectsOwnLifeAreNotCopied() {
        String prefix = "snapshot.storage.kubernetes.io/";
        Map<String, String> secret = Map.of(prefix + "deletion-secret-name", "rbd");
        Map<String, String> all = new LinkedHashMap<>(secret);
        all.put(prefix + "volumesnapshot-being-created", "yes");
        all.put(prefix + "volumesnapshot-being-deleted", "yes");
        all.put("varve.io/run", "another");
        assertThat(SnapshotAnnotations.copied(all)).isEqualTo(secret);
        assertThat(SnapshotAnnotations.deletionSecrets(all)).isEqualTo(secret);
    }
}
