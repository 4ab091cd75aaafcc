package io.varve.mover.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.volume.BlockBitmap;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is found of a storage is carried from backup to backup as it was found. */
class TrackingFaultTest {

    private static final String ID = "0123456789abcdef0123456789abcdef";

    @Test
    void whatATagTellsIsWhatWasFound() {
        BlockBitmap untold = BlockBitmap.range(3, 50_003);
        TrackingFault fault =
                TrackingFault.found(ID, untold, Optional.of(Instant.parse("2026-03-01T12:00:00Z")));

        assertThat(fault.offsets()).hasSize(10).startsWith(3L << 20).endsWith(12L << 20);
        assertThat(fault.toTag()).startsWith(ID + ",50000,2026-03-01T12:00:00Z,3145728,4194304,");
        assertThat(TrackingFault.read(fault.toTag())).contains(fault);
    }

    @Test
    void thatNoEarlierBackupIsConcernedIsToldToo() {
        TrackingFault fault = TrackingFault.found(ID, BlockBitmap.range(0, 1), Optional.empty());

        assertThat(fault.text()).endsWith(": 1, at byte 0; no earlier backup is concerned");
        assertThat(TrackingFault.read(fault.toTag())).contains(fault);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ID, ID + ",1,,", ID + ",1,yesterday,0", "x," + ID + ",1,,0"})
    void somethingElseIsNotTakenForOne(String tag) {
        assertThat(TrackingFault.read(tag)).isEmpty();
    }
}
