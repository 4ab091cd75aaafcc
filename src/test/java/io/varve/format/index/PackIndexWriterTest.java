package io.varve.format.index;

import static io.varve.format.index.IndexVectors.A;
import static io.varve.format.index.IndexVectors.B;
import static io.varve.format.index.IndexVectors.C;
import static io.varve.format.index.IndexVectors.V2_OF_A;
import static io.varve.format.index.IndexVectors.V2_OF_ABC;
import static io.varve.format.index.IndexVectors.entries;
import static io.varve.format.index.IndexVectors.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.format.ContentId;
import io.varve.format.Golden;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PackIndexWriterTest {

    private static final int MIB = 1 << 20;

    @Test
    void bytesAreKopias() {
        assertThat(PackIndexWriter.encode(List.of(C, B, A)).array()).isEqualTo(V2_OF_ABC);
        assertThat(PackIndexWriter.encode(List.of(A)).array()).isEqualTo(V2_OF_A);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "index-v2-entry-16.bin",
                "index-v2-entry-17.bin",
                "index-v2-range-checkpoint.bin"
            })
    void whatKopiaWroteIsWrittenAgainInAnyOrder(String golden) throws Exception {
        List<IndexEntry> entries = entries(Golden.buffer(golden));
        Collections.shuffle(entries, new Random(1));
        assertThat(PackIndexWriter.encode(entries)).isEqualTo(Golden.buffer(golden));
    }

    @Test
    void ofSeveralEntriesForOneContentTheOneThatHoldsIsWritten() throws Exception {
        IndexEntry deleted = A.tombstone(0);
        assertThat(entries(PackIndexWriter.encode(List.of(deleted, A, B))))
                .containsExactly(deleted, B);
    }

    @Test
    void longLengthsTakeEntriesOfNineteenBytes() throws Exception {
        IndexEntry great = placed("11", "p1", 5, 0x0fed_cba9, 0x0123_4567);
        IndexEntry small = placed("22", "p1", 5, 1, 2);
        ByteBuffer table = PackIndexWriter.encode(List.of(great, small));
        assertThat(table.getChar(2)).isEqualTo((char) 19);
        assertThat(entries(table)).containsExactly(great, small);
    }

    @Test
    void lengthsBelow16MibTakeEntriesOfSixteenBytes() throws Exception {
        IndexEntry entry = placed("11", "p1", (1 << 30) - 1, 16 * MIB - 1, 16 * MIB - 1);
        ByteBuffer table = PackIndexWriter.encode(List.of(entry));
        assertThat(table.getChar(2)).isEqualTo((char) 16);
        assertThat(entries(table)).containsExactly(entry);
    }

    @Test
    void morePacksThan65536TakeEntriesOfEighteenBytes() throws Exception {
        List<IndexEntry> entries = new ArrayList<>();
        for (int i = 0; i <= 1 << 16; i++) {
            entries.add(placed("%08x".formatted(i), "p%x".formatted(i), 0, 28, 0));
        }
        ByteBuffer table = PackIndexWriter.encode(entries);
        assertThat(table.getChar(2)).isEqualTo((char) 18);
        assertThat(entries(table)).isEqualTo(entries);
        entries.removeLast();
        assertThat(PackIndexWriter.encode(entries).getChar(2)).isEqualTo((char) 16);
    }

    @Test
    void manyFormatsAreNumberedInOneByte() throws Exception {
        List<IndexEntry> entries = new ArrayList<>();
        for (int i = 0; i < 255; i++) {
            entries.add(new IndexEntry(id("%02x".formatted(i)), "p1", 0, 28, 0, i, 3, 1, false));
        }
        assertThat(entries(PackIndexWriter.encode(entries))).isEqualTo(entries);
        entries.add(new IndexEntry(id("ff"), "p1", 0, 28, 0, 255, 3, 1, false));
        assertThatThrownBy(() -> PackIndexWriter.encode(entries))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("256");
    }

    @Test
    void whatDoesNotFitIsOurMistake() {
        for (IndexEntry entry :
                List.of(
                        placed("11", "p1", 1 << 30, 1, 1),
                        placed("11", "p1", 1, 1 << 28, 1),
                        placed("11", "p1", 1, 1, 1 << 28),
                        placed("11", "", 1, 1, 1),
                        placed("11", "p/1", 1, 1, 1),
                        placed("11", "p".repeat(256), 1, 1, 1),
                        new IndexEntry(id("11"), "p1", 0, 28, 0, 0, 3, 1L << 32, false))) {
            assertThatThrownBy(() -> PackIndexWriter.encode(List.of(entry)))
                    .as("%s", entry)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void emptyIndexCannotExist() {
        assertThatThrownBy(() -> PackIndexWriter.encode(List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void hashesOfDifferentLengthsDoNotMix() {
        assertThatThrownBy(
                        () ->
                                PackIndexWriter.encode(
                                        List.of(
                                                placed("11", "p1", 1, 1, 1),
                                                placed("1122", "p1", 1, 1, 1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1122");
    }

    private static IndexEntry placed(String id, String pack, int offset, int packed, int original) {
        ContentId content = id(id);
        return new IndexEntry(content, pack, offset, packed, original, 0, 3, 1, false);
    }
}
