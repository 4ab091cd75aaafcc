package io.varve.mover.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.mover.block.BackupDraft.Coverage;
import io.varve.volume.BlockBitmap;
import io.varve.volume.MemoryBlockDevice;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What a storage says of a volume is fitted to the device as it is; never is less read. */
class PlanCompletionTest {

    private static final int MIB = 1 << 20;
    private static final String FINGERPRINT = "0".repeat(64);

    private static PlannedBackup complete(
            Coverage coverage, long capacity, long parentBytes, BlockBitmap told, byte[] device)
            throws IOException {
        return PlanCompletion.complete(
                drafted(coverage, capacity, parentBytes, told), new MemoryBlockDevice(device));
    }

    private static DraftedBackup drafted(
            Coverage coverage, long capacity, long parentBytes, BlockBitmap told) {
        boolean full = coverage == Coverage.ALLOCATED || coverage == Coverage.ALL;
        BackupDraft draft =
                new BackupDraft(
                        BackupType.INCREMENTAL,
                        full ? Optional.of(FullReason.FIRST_BACKUP) : Optional.empty(),
                        full ? Optional.empty() : Optional.of("parent"),
                        parentBytes,
                        coverage,
                        capacity < 0 ? OptionalLong.empty() : OptionalLong.of(capacity),
                        Optional.empty(),
                        List.of("said before"),
                        FINGERPRINT);
        return new DraftedBackup(draft, told);
    }

    private static BlockBitmap blocks(long... numbers) {
        BlockBitmap.Builder blocks = BlockBitmap.builder();
        for (long number : numbers) {
            blocks.add(number, number + 1);
        }
        return blocks.build();
    }

    @Test
    void whatChangedIsReadAndNothingElse() throws IOException {
        PlannedBackup planned =
                complete(Coverage.CHANGED, 8 * MIB, 8 * MIB, blocks(2, 5), new byte[8 * MIB]);

        assertThat(planned.blocks()).isEqualTo(blocks(2, 5));
        assertThat(planned.plan().actualType()).isEqualTo(BackupType.INCREMENTAL);
        assertThat(planned.plan().volumeBytes()).isEqualTo(8 * MIB);
        assertThat(planned.plan().compare()).isFalse();
        assertThat(planned.plan().warnings()).containsExactly("said before");
    }

    @Test
    void whereThatIsComparedEveryBlockIsReadAndTheStoragesAnswerIsKept() throws IOException {
        PlannedBackup planned =
                complete(Coverage.COMPARED, 5 * MIB, 6 * MIB, blocks(2), new byte[8 * MIB]);
        DraftedBackup drafted = drafted(Coverage.COMPARED, 5 * MIB, 6 * MIB, blocks(2));

        assertThat(planned.blocks()).isEqualTo(BlockBitmap.range(0, 8));
        assertThat(planned.plan().compare()).isTrue();
        assertThat(planned.plan().warnings())
                .anyMatch(text -> text.contains("the device is right"));
        // What the storage, or the parent, knew nothing of is no lie.
        assertThat(drafted.told(8 * MIB)).contains(blocks(2, 5, 6, 7));
    }

    @Test
    void anAnswerWithoutChangesIsAnIncrementalOfNothing() throws IOException {
        PlannedBackup planned =
                complete(Coverage.CHANGED, -1, 8 * MIB, BlockBitmap.empty(), new byte[8 * MIB]);

        assertThat(planned.blocks().isEmpty()).isTrue();
        assertThat(planned.plan().actualType()).isEqualTo(BackupType.INCREMENTAL);
    }

    @Test
    void theTailIsReadAgainWhereTheVolumeEndsWithinABlock() throws IOException {
        PlannedBackup planned =
                complete(
                        Coverage.CHANGED,
                        8 * MIB + 512,
                        8 * MIB + 512,
                        BlockBitmap.empty(),
                        new byte[8 * MIB + 512]);

        assertThat(planned.blocks()).isEqualTo(blocks(8));
    }

    @Test
    void whatWasAddedSinceTheParentIsReadAndTheOldTailToo() throws IOException {
        PlannedBackup planned =
                complete(Coverage.CHANGED, 8 * MIB, 5 * MIB + 4096, blocks(1), new byte[8 * MIB]);

        assertThat(planned.blocks()).isEqualTo(blocks(1, 5, 6, 7));
    }

    @Test
    void rangesPastAShrunkDeviceAreCutOff() throws IOException {
        PlannedBackup planned =
                complete(Coverage.CHANGED, 4 * MIB, 8 * MIB, blocks(1, 6), new byte[4 * MIB]);

        assertThat(planned.blocks()).isEqualTo(blocks(1));
    }

    @Test
    void theDeviceIsRightWhereTheStorageSaysLess() throws IOException {
        PlannedBackup planned =
                complete(Coverage.ALLOCATED, 5 * MIB, 0, blocks(0), new byte[8 * MIB]);

        assertThat(planned.blocks()).isEqualTo(blocks(0, 5, 6, 7));
        assertThat(planned.plan().warnings())
                .anyMatch(text -> text.contains("has 5242880 bytes, its device has 8388608"));
    }

    @Test
    void theDeviceIsRightWhereTheStorageSaysMore() throws IOException {
        PlannedBackup planned =
                complete(Coverage.ALLOCATED, 9 * MIB, 0, blocks(0, 8), new byte[8 * MIB]);

        assertThat(planned.blocks()).isEqualTo(blocks(0));
        assertThat(planned.plan().volumeBytes()).isEqualTo(8 * MIB);
    }

    @Test
    void thatNothingIsAllocatedIsBelievedOfADeviceThatReadsAsZeros() throws IOException {
        PlannedBackup planned =
                complete(Coverage.ALLOCATED, -1, 0, BlockBitmap.empty(), new byte[8 * MIB]);

        assertThat(planned.blocks().isEmpty()).isTrue();
    }

    @Test
    void thatNothingIsAllocatedIsNotBelievedOfADeviceThatHoldsData() throws IOException {
        byte[] device = new byte[8 * MIB];
        device[8 * MIB - 1] = 1;

        PlannedBackup planned = complete(Coverage.ALLOCATED, -1, 0, BlockBitmap.empty(), device);

        assertThat(planned.blocks()).isEqualTo(BlockBitmap.range(0, 8));
        assertThat(planned.plan().warnings())
                .anyMatch(text -> text.contains("every block is read"));
    }

    @Test
    void withoutAnAnswerEveryBlockIsRead() throws IOException {
        PlannedBackup planned =
                complete(Coverage.ALL, -1, 0, BlockBitmap.empty(), new byte[3 * MIB + 1]);

        assertThat(planned.blocks()).isEqualTo(BlockBitmap.range(0, 4));
    }

    @Test
    void aDeviceWithoutBytesIsRefused() {
        assertThatThrownBy(() -> complete(Coverage.ALL, -1, 0, BlockBitmap.empty(), new byte[0]))
                .isInstanceOf(EmptyVolumeException.class);
    }
}
