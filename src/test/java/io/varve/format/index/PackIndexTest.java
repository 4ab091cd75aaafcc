package io.varve.format.index;

import static io.varve.format.index.IndexVectors.A;
import static io.varve.format.index.IndexVectors.B;
import static io.varve.format.index.IndexVectors.C;
import static io.varve.format.index.IndexVectors.V1_OF_ABC;
import static io.varve.format.index.IndexVectors.V2_OF_A;
import static io.varve.format.index.IndexVectors.V2_OF_ABC;
import static io.varve.format.index.IndexVectors.entries;
import static io.varve.format.index.IndexVectors.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.format.ContentId;
import io.varve.format.CorruptFormatException;
import io.varve.format.Golden;
import io.varve.format.Mutations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PackIndexTest {

    @Test
    void versionTwoIsReadAsKopiaWroteIt() throws Exception {
        assertThat(entries(ByteBuffer.wrap(V2_OF_ABC))).containsExactly(A, B, C);
        assertThat(entries(ByteBuffer.wrap(V2_OF_A))).containsExactly(A);
    }

    @Test
    void versionOneIsReadAsKopiaWroteIt() throws Exception {
        assertThat(entries(ByteBuffer.wrap(V1_OF_ABC)))
                .containsExactly(
                        versionOne(A, A.originalLength()),
                        versionOne(B, 300 - 28),
                        versionOne(C, 128 - 28));
    }

    private static IndexEntry versionOne(IndexEntry entry, int originalLength) {
        return new IndexEntry(
                entry.id(),
                entry.pack(),
                entry.packOffset(),
                entry.packedLength(),
                originalLength,
                0,
                1,
                entry.timestampSeconds(),
                entry.deleted());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "index-v1-migrated.bin",
                "index-v2-entry-16.bin",
                "index-v2-entry-17.bin",
                "index-v2-range-checkpoint.bin"
            })
    void everyEntryThatIsVisitedIsFound(String golden) throws Exception {
        PackIndex index = PackIndex.open(Golden.buffer(golden), golden);
        List<IndexEntry> entries = entries(Golden.buffer(golden));
        assertThat(entries).hasSize(index.size()).isNotEmpty();
        for (IndexEntry entry : entries) {
            assertThat(index.find(entry.id())).contains(entry);
        }
    }

    @Test
    void absentContentsAreNotFound() throws Exception {
        PackIndex index = PackIndex.open(ByteBuffer.wrap(V2_OF_ABC), "xn0_1");
        for (String absent :
                new String[] {
                    "00000000000000000000000000000000",
                    "00112233445566778899aabbccddeefe",
                    "00112233445566778899aabbccddee00",
                    "ffffffffffffffffffffffffffffffff",
                    "g00112233445566778899aabbccddeeff",
                    "kffeeddccbbaa99887766554433221101",
                    "zffffffffffffffffffffffffffffffff",
                    "0011223344556677",
                    "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
                }) {
            assertThat(index.find(id(absent))).as(absent).isEmpty();
        }
    }

    @Test
    void searchFindsAllAndOnlyWhatIsThere() throws Exception {
        long seed = Long.getLong("varve.seed", 5L);
        Random random = new Random(seed);
        for (int size : new int[] {1, 2, 3, 10, 1000, 20_000}) {
            List<IndexEntry> entries = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                // Every tenth hash lies in a cluster, where guessing from an even spread misleads.
                byte[] hash = new byte[16];
                random.nextBytes(hash);
                Arrays.fill(hash, 0, i % 10 == 0 ? 6 : 0, (byte) 0x77);
                char prefix = i % 7 == 0 ? 'k' : ContentId.NO_PREFIX;
                entries.add(at(ContentId.of(prefix, hash), i));
            }
            PackIndex index = PackIndex.open(PackIndexWriter.encode(entries), "xn0_1");
            for (IndexEntry entry : entries) {
                assertThat(index.find(entry.id())).as("seed %d", seed).contains(entry);
                byte[] other = entry.id().hash();
                other[random.nextInt(16)] ^= (byte) 0x10;
                assertThat(index.find(ContentId.of(entry.id().prefix(), other)))
                        .as("seed %d", seed)
                        .isEmpty();
            }
        }
    }

    @Test
    void aContentThatTheFilterDeniesIsNotSearchedFor() throws Exception {
        List<IndexEntry> entries = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            byte[] hash = new byte[16];
            new Random(i).nextBytes(hash);
            entries.add(at(ContentId.of(ContentId.NO_PREFIX, hash), i));
        }
        ByteBuffer table = PackIndexWriter.encode(entries);
        PackIndex filledFromZeros =
                PackIndex.open(
                        table, "xn0_1", (offset, rows) -> rows.put(new byte[rows.remaining()]));
        PackIndex filledFromTable =
                PackIndex.open(
                        table,
                        "xn0_1",
                        (offset, rows) -> rows.put(table.slice(offset, rows.remaining())));
        int found = 0;
        for (IndexEntry entry : entries) {
            found += filledFromZeros.find(entry.id()).isPresent() ? 1 : 0;
            assertThat(filledFromTable.find(entry.id())).contains(entry);
        }
        assertThat(found).isLessThan(50);
    }

    private static IndexEntry at(ContentId id, int offset) {
        return new IndexEntry(id, IndexVectors.P_PACK, offset, 28, 0, 0, 3, offset, false);
    }

    @Test
    void directAndMappedBuffersAreSearchedInPlace(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("index");
        Files.write(file, V2_OF_ABC);
        ByteBuffer direct = ByteBuffer.allocateDirect(V2_OF_ABC.length + 7);
        direct.position(7).put(V2_OF_ABC).position(7);
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer mapped = channel.map(FileChannel.MapMode.READ_ONLY, 0, V2_OF_ABC.length);
            assertThat(entries(mapped)).containsExactly(A, B, C);
        }
        assertThat(PackIndex.open(direct, "xn0_1").find(B.id())).contains(B);
        assertThat(direct.position()).isEqualTo(7);
    }

    @Test
    void trailingBytesAreIgnored() throws Exception {
        assertThat(entries(ByteBuffer.wrap(Arrays.copyOf(V2_OF_ABC, V2_OF_ABC.length + 32))))
                .containsExactly(A, B, C);
        assertThat(entries(ByteBuffer.wrap(Arrays.copyOf(V1_OF_ABC, V1_OF_ABC.length + 32))))
                .hasSize(3);
    }

    @Test
    void baseTimestampIsAdded() throws Exception {
        byte[] table = V2_OF_A.clone();
        table[16] = 5;
        assertThat(entries(ByteBuffer.wrap(table)))
                .singleElement()
                .extracting(IndexEntry::timestampSeconds)
                .isEqualTo(1_700_000_005L);
    }

    @Test
    void emptyIndexOfVersionOneHasNoEntries() throws Exception {
        PackIndex index = PackIndex.open(ByteBuffer.wrap(Golden.hex("01ff001400000000")), "n1");
        assertThat(index.size()).isZero();
        assertThat(index.find(A.id())).isEmpty();
    }

    @Test
    void keysOutOfOrderAreCorruptWhenVisited() throws Exception {
        byte[] table = V2_OF_ABC.clone();
        table[17 + 34] = 'z';
        PackIndex index = PackIndex.open(ByteBuffer.wrap(table), "xn0_1");
        assertThatThrownBy(() -> index.forEach(entry -> {}))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("xn0_1: at byte 85")
                .hasMessageContaining("entry 2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", // nothing
                "03", // unknown version
                "0211", // cut in the header
                "0211000f000000010000000101000000000000", // entry length 15
                "0211001400000001000000010100000000", // entry length 20
                "0201001000000001000000010100000000", // key length 1
                "02f1001000000001000000010100000000", // rows of 257 bytes
                "0211001000000000000000010100000000", // no entries
                "0211001000000001000000010100000000", // entries beyond the end
                "02110010ffffffff000000010100000000", // many entries beyond the end
                "0111001300000000", // entry length 19
                "01ff001400000001", // an empty index with an entry
                "0100001400000000", // key length 0
                "01110014ffffffff" // entries beyond the end
            })
    void brokenHeadersAreCorruptAtOpening(String hex) {
        assertThatThrownBy(() -> PackIndex.open(ByteBuffer.wrap(Golden.hex(hex)), "xn0_1"))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("index blob xn0_1");
    }

    @Test
    void tablesBehindTheEntriesMustLieInside() {
        int packs = 17 + 34;
        for (int end : new int[] {packs + 4, packs + 5 + 5}) {
            ByteBuffer cut = ByteBuffer.wrap(V2_OF_A, 0, end - 1);
            assertThatThrownBy(() -> PackIndex.open(cut, "xn0_1"))
                    .isInstanceOf(CorruptFormatException.class)
                    .hasMessageContaining("at byte " + (end - 1));
        }
    }

    @Test
    void entriesThatPointNowhereAreCorrupt() {
        int entry = 17 + 17;
        assertThatThrownBy(() -> entries(with(V2_OF_ABC, entry + 15, 2)))
                .hasMessageContaining("pack 2 of 2");
        assertThatThrownBy(() -> entries(with(V2_OF_ABC, entry + 16, 2)))
                .hasMessageContaining("format 2 of 2");
        int names = 17 + 3 * 34 + 4;
        assertThatThrownBy(() -> entries(with(V2_OF_ABC, names - 4, 0)))
                .hasMessageContaining("pack name of 0 bytes");
        assertThatThrownBy(() -> entries(with(V2_OF_ABC, names - 3, 1)))
                .hasMessageContaining("pack name of 54 bytes");
        assertThatThrownBy(() -> entries(with(V2_OF_ABC, V2_OF_ABC.length - 1, '/')))
                .hasMessageContaining("byte 0x2f in a pack name");
        assertThatThrownBy(() -> entries(with(V2_OF_ABC, 17, 'a')))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("content id");
        assertThatThrownBy(() -> entries(with(V2_OF_ABC, 17 + 3 * 34 + 10 + 5, 1)))
                .hasMessageContaining("encryption key 1");
    }

    private static ByteBuffer with(byte[] golden, int at, int value) {
        byte[] changed = golden.clone();
        changed[at] = (byte) value;
        return ByteBuffer.wrap(changed);
    }

    @Test
    void damagedTablesAreReadOrRefused() throws Exception {
        for (byte[] golden :
                new byte[][] {V2_OF_ABC, V1_OF_ABC, Golden.bytes("index-v2-entry-16.bin")}) {
            Mutations.survives(golden, PackIndexTest::readAll);
        }
    }

    private static void readAll(byte[] table) throws CorruptFormatException {
        PackIndex index = PackIndex.open(ByteBuffer.wrap(table), HexFormat.of().toHexDigits(0));
        CorruptFormatException refusal = null;
        for (IndexEntry wanted : List.of(A, B, C)) {
            try {
                index.find(wanted.id());
            } catch (CorruptFormatException corrupt) {
                refusal = corrupt;
            }
        }
        if (refusal != null) {
            throw refusal;
        }
        index.forEach(entry -> {});
    }
}
