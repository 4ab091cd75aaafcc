package io.varve.mover.block;

import static io.varve.volume.BlockBitmap.BLOCK_BYTES;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.mover.block.BackupDraft.Coverage;
import io.varve.volume.BlockBitmap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DraftedBackupTest {

    private static final OptionalLong CAPACITY = OptionalLong.of(50L * BLOCK_BYTES);

    @ParameterizedTest
    @EnumSource(names = {"CHANGED", "ALLOCATED"})
    void whatTheStorageToldIsToBeRead(Coverage coverage) {
        assertThat(drafted(coverage, CAPACITY).bytes()).isEqualTo(3L * BLOCK_BYTES);
    }

    @ParameterizedTest
    @EnumSource(names = {"COMPARED", "ALL"})
    void elseTheWholeVolumeIs(Coverage coverage) {
        assertThat(drafted(coverage, CAPACITY).bytes()).isEqualTo(CAPACITY.getAsLong());
    }

    @Test
    void whatNobodyToldMayBeAnyNumber() {
        assertThat(drafted(Coverage.ALL, OptionalLong.empty()).bytes()).isEqualTo(Long.MAX_VALUE);
    }

    /** Whether a driver tells what was added is its choice. */
    @Test
    void whatAVolumeHasGrownByIsToBeReadToo() {
        assertThat(drafted(Coverage.CHANGED, CAPACITY, 40L * BLOCK_BYTES).bytes())
                .isEqualTo(13L * BLOCK_BYTES);
    }

    private static DraftedBackup drafted(Coverage coverage, OptionalLong capacity) {
        return drafted(coverage, capacity, capacity.orElse(0));
    }

    private static DraftedBackup drafted(
            Coverage coverage, OptionalLong capacity, long parentBytes) {
        BackupDraft draft =
                new BackupDraft(
                        BackupType.INCREMENTAL,
                        Optional.empty(),
                        Optional.of("0123"),
                        parentBytes,
                        coverage,
                        capacity,
                        Optional.empty(),
                        List.of(),
                        "");
        return new DraftedBackup(draft, BlockBitmap.range(4, 7));
    }
}
