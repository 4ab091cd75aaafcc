package io.varve.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.format.manifest.SnapshotManifest;
import io.varve.mover.block.TransferProgress;
import io.varve.repository.Backup;
import io.varve.repository.BackupTags;
import io.varve.repository.content.WriteSession;
import io.varve.volume.BlockBitmap;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A claim that is there gets only what differs. */
class ClaimRestoresInPlaceTest extends ClaimRestoreHarness {

    @Test
    void inPlaceOnlyDifferingBlocksAreWritten() throws Exception {
        byte[] there = volume.clone();
        there[7 * MIB + 5] ^= 1;
        there[15 * MIB] ^= 1;
        target.hold(there);

        RestoreOutcome outcome = restore(inPlace());

        assertThat(outcome.writtenBytes()).isEqualTo(MIB);
        assertThat(outcome.zeroedBytes()).isEqualTo(MIB);
        assertThat(outcome.skippedBytes()).isEqualTo(38L * MIB);
        assertThat(outcome.method()).isEqualTo(RestoreMethod.COMPARED);
        assertThat(outcome.methodReason()).contains("driver tracks nothing");
        assertThat(outcome.warnings()).isEmpty();
        assertThat(target.volume()).isEqualTo(volume);
    }

    @Test
    void inPlaceOnlyWhatTheStorageCallsChangedIsReadBesideASample() throws Exception {
        hold(200);
        byte[] there = volume.clone();
        there[7 * MIB + 5] ^= 1;
        target.hold(there);
        target.report(new ChangedSince.Known(BlockBitmap.range(5, 9)));
        TransferProgress progress = new TransferProgress();

        RestoreOutcome outcome = restore(inPlace(), new StopSignal(), progress);

        assertThat(outcome.method()).isEqualTo(RestoreMethod.CHANGED_BLOCKS);
        assertThat(outcome.writtenBytes()).isEqualTo(MIB);
        assertThat(outcome.skippedBytes()).isEqualTo(199L * MIB);
        assertThat(progress.readBytes()).isBetween(4L * MIB, 68L * MIB);
        assertThat(target.volume()).isEqualTo(volume);
    }

    @Test
    void aStorageThatKeepsChangesToItselfIsFoundOutAndEverythingIsCompared() throws Exception {
        target.hold(new byte[volume.length]);
        target.report(new ChangedSince.Known(BlockBitmap.range(5, 9)));

        RestoreOutcome outcome = restore(inPlace());

        assertThat(outcome.method()).isEqualTo(RestoreMethod.COMPARED);
        assertThat(outcome.warnings())
                .anyMatch(text -> text.contains("the storage called it unchanged"));
        assertThat(target.volume()).isEqualTo(volume);
    }

    @Test
    void aStorageThatABackupFoundWrongIsNotAsked() throws Exception {
        String finder = "00112233445566778899aabbccddeeff";
        publishNewest(Map.of(BackupTags.FAULT, finder + ",1,,5242880"));
        byte[] there = volume.clone();
        there[7 * MIB + 5] ^= 1;
        target.hold(there);
        target.report(new ChangedSince.Known(BlockBitmap.range(0, 1)));

        RestoreOutcome outcome = restore(inPlace());

        assertThat(outcome.method()).isEqualTo(RestoreMethod.COMPARED);
        assertThat(outcome.warnings())
                .containsExactly(
                        "every block was read and compared: backup %s found that the storage leaves changes out"
                                .formatted(finder));
        assertThat(target.events()).doesNotContain("track");
        assertThat(target.volume()).isEqualTo(volume);
    }

    @Test
    void aFindingThatNobodyUnderstandsIsNoReasonToAskTheStorage() throws Exception {
        publishNewest(Map.of(BackupTags.FAULT, "of another release"));
        target.hold(volume.clone());
        target.report(new ChangedSince.Known(BlockBitmap.range(0, 1)));

        RestoreOutcome outcome = restore(inPlace());

        assertThat(outcome.method()).isEqualTo(RestoreMethod.COMPARED);
        assertThat(outcome.warnings()).anyMatch(text -> text.contains("of another release"));
        assertThat(target.events()).doesNotContain("track");
    }

    /** A backup of the same volume, later than the one that is restored. */
    private void publishNewest(Map<String, String> more) throws IOException {
        SnapshotManifest there = repository.backups().get(inPlace().backupId()).manifest();
        Map<String, String> tags = new HashMap<>(there.tags());
        tags.putAll(more);
        Backup newest =
                new Backup(
                        "ffeeddccbbaa99887766554433221100",
                        new SnapshotManifest(
                                there.source(),
                                there.description(),
                                there.startTime().plusSeconds(1),
                                there.endTime().plusSeconds(1),
                                there.stats(),
                                there.incomplete(),
                                there.rootEntry(),
                                tags,
                                there.pins()));
        try (WriteSession session = repository.newSession()) {
            repository.backups().put(session, newest);
            session.finish();
        }
    }

    @Test
    void theStorageIsAskedOnceForAllExecutions() throws Exception {
        byte[] there = volume.clone();
        there[7 * MIB + 5] ^= 1;
        target.hold(there);
        target.report(new ChangedSince.Known(BlockBitmap.range(5, 9)));
        target.failWritesAfter(0);
        restore(inPlace());
        target.failWritesAfter(Integer.MAX_VALUE);
        RestoreOutcome resumed = restore(inPlace());

        assertThat(resumed.method()).isEqualTo(RestoreMethod.CHANGED_BLOCKS);
        assertThat(target.events()).containsOnlyOnce("track");
        assertThat(target.volume()).isEqualTo(volume);
    }

    @Test
    void aStorageThatShouldHaveToldAndDidNotIsAWarning() throws Exception {
        target.hold(volume.clone());
        target.report(new ChangedSince.Unknown("the base is gone", true));

        assertThat(restore(inPlace()).warnings())
                .containsExactly("every block was read and compared: the base is gone");
    }
}
