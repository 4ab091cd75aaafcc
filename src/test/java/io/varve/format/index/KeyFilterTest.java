package io.varve.format.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.format.ContentId;
import io.varve.format.SeededBytes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyFilterTest {

    private static final int ABSENT = 20_000;

    private final SeededBytes bytes = new SeededBytes();

    @Test
    void everyKeyThatWasAddedMayBeThereAndFewOthers() {
        for (int size : new int[] {1, 2, 51, 52, 1000, 100_000}) {
            KeyFilter filter = new KeyFilter(size);
            List<SearchKey> added = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                added.add(SearchKey.of(ContentId.of('k', bytes.next(16))));
                filter.add(added.getLast().hash());
            }
            assertThat(added).as("%s", bytes).allMatch(key -> filter.mayHold(key.hash()));
            int wrong = 0;
            for (int i = 0; i < ABSENT; i++) {
                SearchKey absent = SearchKey.of(ContentId.of('k', bytes.next(16)));
                wrong += filter.mayHold(absent.hash()) ? 1 : 0;
            }
            assertThat(wrong).as("%s, of %d keys", bytes, size).isLessThan(ABSENT / 40);
        }
    }

    @Test
    void keysThatDifferInOneByteOnlyAreToldApart() {
        for (int at = 0; at < 16; at++) {
            KeyFilter filter = new KeyFilter(1000);
            for (int i = 0; i < 1000; i++) {
                byte[] hash = bytes.next(16);
                hash[at] &= 0x7f;
                filter.add(SearchKey.of(ContentId.of('k', hash)).hash());
            }
            byte[] other = new byte[16];
            int wrong = 0;
            for (int value = 0x80; value <= 0xff; value++) {
                other[at] = (byte) value;
                wrong += filter.mayHold(SearchKey.of(ContentId.of('k', other)).hash()) ? 1 : 0;
            }
            assertThat(wrong).as("%s, byte %d", bytes, at).isLessThan(20);
        }
    }

    /** All over memory, ten million keys take a second. */
    @Test
    void sortedKeysFillAFilterFromOneEndToTheOther() {
        List<ContentId> sorted = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            sorted.add(ContentId.of('k', bytes.next(16)));
        }
        sorted.sort(null);
        List<Integer> places =
                sorted.stream().map(id -> (int) (SearchKey.of(id).hash() >>> 32)).toList();

        assertThat(places).as("%s", bytes).isSortedAccordingTo(Integer::compareUnsigned);
    }

    /** The hash of a stored key must be that of the id, wherever in a table the key lies. */
    @Test
    void aKeyInATableHasTheHashOfItsId() {
        for (int length : new int[] {1, 7, 8, 15, 16, 20, 32, 64}) {
            SearchKey key = SearchKey.of(ContentId.of(ContentId.NO_PREFIX, bytes.next(length)));
            byte[] padded = new byte[key.bytes().length + 5];
            Arrays.fill(padded, (byte) -1);
            System.arraycopy(key.bytes(), 0, padded, 3, key.bytes().length);
            ByteBuffer direct = ByteBuffer.allocateDirect(padded.length).put(padded);

            assertThat(SearchKey.hash(direct, 3, length + 1)).isEqualTo(key.hash());
        }
    }
}
