package io.varve.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.catalog.VolumeSummary;
import io.varve.mover.block.BackupType;
import io.varve.mover.block.FullReason;
import io.varve.mover.block.TrackingFault;
import io.varve.mover.block.TrackingTrust;
import io.varve.volume.BlockBitmap;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A storage that leaves changed blocks out is found out, and not believed again by itself. */
class ClaimComparisonsTest extends ClaimBackupHarness {

    private static final Instant FIRST = Instant.parse("2026-03-01T12:00:00Z");

    /** Changes one byte, of the block that the storage keeps to itself, or of another one. */
    private BackupOutcome backUpWithAChangeIn(int block) throws Exception {
        volume[block * MIB] ^= 1;
        cluster.write(volume);
        return backUp();
    }

    private void compareEvery(int backups, String... confirmed) {
        cluster.trust(new TrackingTrust(backups, Set.of(confirmed)));
    }

    private static String id(BackupOutcome outcome) {
        return outcome.published().orElseThrow().backupId();
    }

    private static long read(BackupOutcome outcome) {
        return outcome.published().orElseThrow().readBytes();
    }

    private String sinceWhole(BackupOutcome outcome) throws IOException {
        return repository.backups().get(id(outcome)).tag("varve-since-whole").orElse("");
    }

    /** The third backup leaves block 25 as it was; the fourth is the one that compares. */
    private BackupOutcome found() throws Exception {
        backUp();
        backUpWithAChangeIn(3);
        cluster.leaveOut(BlockBitmap.range(25, 26));
        BackupOutcome wrong = backUpWithAChangeIn(25);
        assertThat(restored(wrong)).isNotEqualTo(volume);
        compareEvery(4);
        return backUpWithAChangeIn(30);
    }

    @Test
    void oneOfSoManyBackupsReadsEverythingAndStaysAnIncremental() throws Exception {
        compareEvery(3);

        BackupOutcome full = backUp();
        BackupOutcome second = backUpWithAChangeIn(25);
        BackupOutcome compared = backUpWithAChangeIn(26);
        // Whatever this database says, the repository tells when the next one is due.
        rows().update("DELETE FROM varve_backup");
        BackupOutcome fourth = backUpWithAChangeIn(27);
        BackupOutcome fifth = backUpWithAChangeIn(28);
        BackupOutcome comparedAgain = backUpWithAChangeIn(29);

        assertThat(List.of(full, second, compared, fourth, fifth, comparedAgain))
                .extracting(ClaimComparisonsTest::read)
                .containsExactly(30L * MIB, 1L * MIB, 40L * MIB, 1L * MIB, 1L * MIB, 40L * MIB);
        assertThat(sinceWhole(full)).isEqualTo("1");
        assertThat(sinceWhole(second)).isEqualTo("2");
        assertThat(sinceWhole(compared)).isEqualTo("0");
        assertThat(sinceWhole(fourth)).isEqualTo("1");
        assertThat(compared.plan().actualType()).isEqualTo(BackupType.INCREMENTAL);
        assertThat(compared.published().orElseThrow().account().unchangedBytes())
                .isEqualTo(39L * MIB);
        assertThat(compared.warnings()).isEmpty();
        assertThat(restored(comparedAgain)).isEqualTo(volume);
    }

    @Test
    void aChangeThatTheStorageLeftOutMakesTheComparisonAFullBackup() throws Exception {
        BackupOutcome outcome = found();

        TrackingFault fault = outcome.faultFound().orElseThrow();
        assertThat(fault)
                .isEqualTo(
                        new TrackingFault(id(outcome), 1, List.of(25L * MIB), Optional.of(FIRST)));
        assertThat(outcome.plan().reason()).contains(FullReason.TRACKING_WRONG);
        assertThat(outcome.plan().parentId()).isEmpty();
        assertThat(outcome.warnings())
                .anyMatch(
                        text ->
                                text.contains("told no change there: 1, at byte 26214400")
                                        && text.contains("since 2026-03-01T12:00:00Z may lack")
                                        && text.contains(id(outcome)));
        assertThat(outcome.published().orElseThrow().account().total()).isEqualTo(40L * MIB);
        assertThat(restored(outcome)).isEqualTo(volume);
        assertThat(read(outcome)).isEqualTo(40L * MIB);
        assertThat(repository.backups().get(id(outcome)).tag("varve-tracking-fault"))
                .contains(id(outcome) + ",1,2026-03-01T12:00:00Z,26214400");
        assertThat(distrusted()).containsExactly(true);
    }

    private List<Boolean> distrusted() {
        return VolumeSummary.all(rows()).stream().map(VolumeSummary::distrusted).toList();
    }

    @Test
    void blocksThatHaveBecomeZerosAreFoundToo() throws Exception {
        backUp();
        cluster.leaveOut(BlockBitmap.range(0, 40));
        compareEvery(1);
        Arrays.fill(volume, 25 * MIB, 40 * MIB, (byte) 0);

        BackupOutcome outcome = backUpWithAChangeIn(3);

        TrackingFault fault = outcome.faultFound().orElseThrow();
        assertThat(fault.blocks()).isEqualTo(16);
        assertThat(fault.offsets()).hasSize(10).startsWith(3L * MIB, 25L * MIB);
        assertThat(outcome.warnings()).anyMatch(text -> text.contains(", …; "));
        assertThat(restored(outcome)).isEqualTo(volume);
    }

    @Test
    void untilSomebodyConfirmsEachBackupReadsEverythingAndSaysSo() throws Exception {
        BackupOutcome found = found();
        int asked = cluster.events().size();

        BackupOutcome next = backUpWithAChangeIn(25);
        BackupOutcome afterThat = backUp();

        assertThat(next.plan().reason()).contains(FullReason.TRACKING_DISTRUSTED);
        assertThat(next.faultFound()).isEmpty();
        assertThat(next.warnings()).anyMatch(text -> text.contains("names " + id(found)));
        assertThat(afterThat.plan().fault()).isEqualTo(found.plan().fault());
        assertThat(read(afterThat)).isEqualTo(40L * MIB);
        assertThat(afterThat.published().orElseThrow().account().storedBytes()).isZero();
        assertThat(restored(next)).isEqualTo(volume);
        assertThat(cluster.events().subList(asked, cluster.events().size()))
                .noneMatch(event -> event.startsWith("track"));
        assertThat(distrusted()).containsExactly(true);
    }

    @Test
    void onceThatIsConfirmedTheNextBackupAsksAgainAndCompares() throws Exception {
        BackupOutcome found = found();
        backUp();
        cluster.leaveOut(BlockBitmap.empty());
        compareEvery(0, id(found));

        BackupOutcome compared = backUpWithAChangeIn(25);
        BackupOutcome next = backUpWithAChangeIn(26);

        assertThat(compared.plan().actualType()).isEqualTo(BackupType.INCREMENTAL);
        assertThat(read(compared)).isEqualTo(40L * MIB);
        assertThat(compared.warnings()).isEmpty();
        assertThat(compared.plan().fault()).isEmpty();
        assertThat(read(next)).isEqualTo(MIB);
        assertThat(restored(next)).isEqualTo(volume);
        assertThat(distrusted()).containsExactly(false);
    }

    @Test
    void whatIsConfirmedTooEarlyIsFoundAgainAtOnce() throws Exception {
        BackupOutcome found = found();
        compareEvery(0, id(found));

        BackupOutcome again = backUpWithAChangeIn(25);

        TrackingFault fault = again.faultFound().orElseThrow();
        assertThat(fault.backupId()).isEqualTo(id(again));
        // The one before had read everything: it is right.
        assertThat(fault.since()).isEmpty();
        assertThat(again.warnings()).anyMatch(text -> text.contains("no earlier backup"));
    }

    @Test
    void aComparisonThatWasKilledFindsWhatItReadBefore() throws Exception {
        backUp();
        // One of each of the two ranges, and the range that ends is not read again.
        cluster.leaveOut(BlockBitmap.range(1, 2).or(BlockBitmap.range(21, 22)));
        compareEvery(1);
        volume[MIB] ^= 1;
        volume[21 * MIB] ^= 1;
        cluster.write(volume);
        cluster.failReadsAfter(5);

        BackupOutcome failed = backUp();
        cluster.failReadsAfter(Integer.MAX_VALUE);
        BackupOutcome resumed = backUp();

        assertThat(failed.status()).isEqualTo(RunStatus.FAILED);
        assertThat(resumed.failure()).isEmpty();
        assertThat(resumed.resumed()).isTrue();
        assertThat(read(resumed)).isEqualTo(20L * MIB);
        assertThat(resumed.faultFound().orElseThrow().offsets())
                .containsExactly(1L * MIB, 21L * MIB);
        assertThat(resumed.published().orElseThrow().account().total()).isEqualTo(40L * MIB);
        assertThat(restored(resumed)).isEqualTo(volume);
    }

    @Test
    void aLauncherThatDiedAfterThePublicationTellsTheSameLater() throws Exception {
        backUp();
        cluster.leaveOut(BlockBitmap.range(1, 2));
        compareEvery(1);
        volume[MIB] ^= 1;
        cluster.write(volume);
        cluster.dieInRelease();

        BackupOutcome died = backUp();
        BackupOutcome completed = backUp();

        assertThat(died.status()).isEqualTo(RunStatus.FAILED);
        assertThat(completed.resumed()).isTrue();
        assertThat(completed.faultFound().orElseThrow().offsets()).containsExactly(1L * MIB);
        assertThat(completed.plan().reason()).contains(FullReason.TRACKING_WRONG);
        assertThat(completed.warnings()).anyMatch(text -> text.contains("may lack changes"));
    }

    @Test
    void anAllocatedBlockThatTheStorageDidNotNameIsFoundByTheFirstComparison() throws Exception {
        cluster.leaveOut(BlockBitmap.range(30, 31));
        BackupOutcome full = backUp();
        assertThat(restored(full)).isNotEqualTo(volume);
        compareEvery(2);

        BackupOutcome compared = backUp();

        assertThat(compared.faultFound().orElseThrow().since()).contains(FIRST);
        assertThat(restored(compared)).isEqualTo(volume);
    }
}
