package io.varve.format.object;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.format.ContentId;
import io.varve.format.CorruptFormatException;
import io.varve.format.Golden;
import io.varve.format.Mutations;
import io.varve.format.ObjectId;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IndirectListTest {

    private static final long MIB = 1 << 20;
    private static final String HASH = "00112233445566778899aabbccddeeff";
    private static final ObjectId BLOCK = ObjectId.of(ContentId.of((char) 0, Golden.hex(HASH)));
    private static final ObjectId ID =
            ObjectId.listedIn(ObjectId.of(ContentId.of('x', new byte[2])));

    @Test
    void listOfVeleroIsReadAndWrittenAsItWas() throws Exception {
        List<IndirectEntry> entries = read(Golden.text("list-of-volume.json"));
        assertThat(entries).hasSize(38);
        assertThat(entries.getLast().end()).isEqualTo(38 * MIB);
        assertThat(write(entries)).isEqualTo(Golden.text("list-of-volume.json"));
    }

    @Test
    void zeroesAreLeftOut() throws Exception {
        List<IndirectEntry> entries =
                List.of(
                        new IndirectEntry(0, 0, BLOCK),
                        new IndirectEntry(0, MIB, BLOCK),
                        new IndirectEntry(MIB, 0, ID));
        String json =
                ("{\"stream\":\"kopia:indirect\",\"entries\":[{\"o\":\"%1$s\"},"
                                + "{\"l\":1048576,\"o\":\"%1$s\"},{\"s\":1048576,\"o\":\"Ix0000\"}]}\n")
                        .formatted(HASH);
        assertThat(write(entries)).isEqualTo(json);
        assertThat(read(json)).isEqualTo(entries);
    }

    @Test
    void greatNumbersAreWrittenAndReadBack() throws Exception {
        List<IndirectEntry> entries =
                List.of(
                        new IndirectEntry(0, Long.MAX_VALUE - 9, BLOCK),
                        new IndirectEntry(Long.MAX_VALUE - 9, 9, BLOCK),
                        new IndirectEntry(Long.MAX_VALUE, 0, BLOCK));
        assertThat(read(write(entries))).isEqualTo(entries);
    }

    @Test
    void longListsAreWrittenAndReadBackThroughSmallReads() throws Exception {
        Random random = new Random(3);
        List<IndirectEntry> entries = new ArrayList<>();
        byte[] hash = new byte[32];
        for (int i = 0; i < 20_000; i++) {
            random.nextBytes(hash);
            entries.add(new IndirectEntry(i * MIB, MIB, ObjectId.of(ContentId.of((char) 0, hash))));
        }
        byte[] json = write(entries).getBytes(StandardCharsets.US_ASCII);
        InputStream halting =
                new FilterInputStream(new ByteArrayInputStream(json)) {
                    @Override
                    public int read(byte[] target, int offset, int length) throws IOException {
                        return super.read(target, offset, Math.min(length, 7));
                    }
                };
        assertThat(read(halting)).isEqualTo(entries);
    }

    /** Ids that come again are neither parsed nor made again; one may begin as another one does. */
    @Test
    void idsThatComeAgainAreThemselves() throws Exception {
        long seed = 11;
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        List<ObjectId> ids =
                List.of(
                        BLOCK,
                        ObjectId.of(ContentId.of((char) 0, Golden.hex(HASH + "00"))),
                        ObjectId.of(ContentId.of('k', Golden.hex(HASH))),
                        ObjectId.listedIn(BLOCK));
        List<IndirectEntry> entries = new ArrayList<>();
        ObjectId id = BLOCK;
        for (int i = 0; i < 20_000; i++) {
            id = random.nextInt(3) == 0 ? ids.get(random.nextInt(ids.size())) : id;
            entries.add(new IndirectEntry(i * MIB, MIB, id));
        }
        StringBuilder json = new StringBuilder("{\"stream\":\"kopia:indirect\",\"entries\":[");
        for (IndirectEntry entry : entries) {
            json.append(entry.start() == 0 ? "{" : ",{\"s\":" + entry.start() + ",");
            json.append("\"l\":1048576,\"o\":\"").append(entry.object()).append("\"}");
        }
        json.append("]}\n");
        assertThat(write(entries)).isEqualTo(json.toString());
        assertThat(read(json.toString())).isEqualTo(entries);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"entries\":[{\"o\":\"%s\"}]}",
                "{\"stream\":\"x\",\"entries\":[{\"o\":\"%s\"}],\"more\":[{\"a\":[1]}]}",
                "{\"a\":{\"entries\":[]},\"ENTRIES\":[{\"o\":\"%s\",\"x\":{\"o\":1}}]}",
                " {\"entries\" : [ { \"l\" : 0 , \"O\" : \"%s\", \"s\":null } ] } \n",
                "{\"\\u0065ntries\":[{\"\\u006f\":\"%s\"}]}",
                "{\"a\":\"\\\"}]\\\\\",\"b\":-1.5e+3,\"c\":[true,false,null,{}],"
                        + "\"entries\":[{\"o\":\"%s\"}]}"
            })
    void orderSpacesAndUnknownKeysDoNotMatter(String json) throws Exception {
        assertThat(read(json.formatted(HASH))).containsExactly(new IndirectEntry(0, 0, BLOCK));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{}",
                "{\"entries\":null}",
                "{\"entries\":{}}",
                "{\"entries\":[]}",
                "{\"entries\":[null]}",
                "{\"entries\":[{}]}",
                "{\"entries\":[{\"o\":\"\"}]}",
                "{\"entries\":[{\"o\":null}]}",
                "{\"entries\":[{\"o\":7}]}",
                "{\"entries\":[{\"o\":\"q\"}]}",
                "{\"entries\":[{\"s\":1,\"o\":\"%s\"}]}",
                "{\"entries\":[{\"l\":-1,\"o\":\"%s\"}]}",
                "{\"entries\":[{\"l\":1.0,\"o\":\"%s\"}]}",
                "{\"entries\":[{\"l\":1e3,\"o\":\"%s\"}]}",
                "{\"entries\":[{\"l\":01,\"o\":\"%s\"}]}",
                "{\"entries\":[{\"l\":\"1\",\"o\":\"%s\"}]}",
                "{\"entries\":[{\"l\":9223372036854775808,\"o\":\"%s\"}]}",
                "{\"entries\":[{\"l\":99999999999999999999999,\"o\":\"%s\"}]}",
                "{\"entries\":[{\"l\":5,\"o\":\"%1$s\"},{\"s\":6,\"o\":\"%1$s\"}]}",
                "{\"entries\":[{\"l\":5,\"o\":\"%1$s\"},{\"s\":4,\"o\":\"%1$s\"}]}",
                "{\"entries\":[{\"l\":5,\"o\":\"%1$s\"},"
                        + "{\"s\":5,\"l\":9223372036854775807,\"o\":\"%1$s\"}]}",
                "{\"entries\":[{\"o\":\"%s\"},]}",
                "{\"entries\":[{\"o\":\"%s\",}]}",
                "{\"entries\":[{\"o\":\"%1$s\"} {\"o\":\"%1$s\"}]}",
                "{\"entries\":[{\"o\":\"%s\"}]",
                "{\"entries\":[{\"o\":\"%s\"}]}x",
                "{\"entries\":[{\"o\":\"%s\"}]}{}",
                "{\"entries\":[{\"o\":\"%s\"}],}",
                "{\"entries\":[{\"o\":\"%s\"}],\"entries\":[]}",
                "{\"entries\":[{\"o\":\"%s\"}],\"a\":tru}",
                "{\"entries\":[{\"o\":\"%s\"}],\"a\":\"\\x\"}",
                "{\"entries\":[{\"o\":\"%s\"}],\"a\"}"
            })
    void brokenListsAreCorrupt(String json) {
        assertThatThrownBy(() -> read(json.formatted(HASH)))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("list of object Ix0000");
    }

    @Test
    void nestingWithoutEndIsCorrupt() {
        assertThatThrownBy(() -> read("{\"a\":" + "[".repeat(200_000)))
                .isInstanceOf(CorruptFormatException.class);
    }

    @Test
    void nothingComesAfterTheLastEntry() throws Exception {
        try (IndirectListReader list = reader("{\"entries\":[{\"l\":5,\"o\":\"" + HASH + "\"}]}")) {
            assertThat(list.next().object()).isEqualTo(BLOCK);
            assertThat(list.hasNext()).isFalse();
            assertThat(list.end()).isEqualTo(5);
            assertThatThrownBy(list::next).isInstanceOf(NoSuchElementException.class);
        }
    }

    @Test
    void failureOfTheStreamIsNotCorruption() {
        InputStream failing =
                new FilterInputStream(InputStream.nullInputStream()) {
                    @Override
                    public int read(byte[] target, int offset, int length) throws IOException {
                        throw new IOException("pack is gone");
                    }
                };
        assertThatThrownBy(() -> read(failing))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("pack is gone");
    }

    @Test
    void listWithoutEntriesIsNeverWritten() {
        IndirectListWriter list = new IndirectListWriter(new ByteArrayOutputStream());
        assertThatThrownBy(list::finish).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void gapsAndOverlapsAreOurMistake() throws Exception {
        IndirectListWriter list = new IndirectListWriter(new ByteArrayOutputStream());
        assertThatThrownBy(() -> list.write(new IndirectEntry(1, 1, BLOCK)))
                .isInstanceOf(IllegalArgumentException.class);
        list.write(new IndirectEntry(0, 5, BLOCK));
        assertThatThrownBy(() -> list.write(new IndirectEntry(4, 1, BLOCK)))
                .isInstanceOf(IllegalArgumentException.class);
        list.finish();
        assertThatThrownBy(() -> list.write(new IndirectEntry(5, 1, BLOCK)))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void unfinishedListIsRefusedByAReader() throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        IndirectListWriter list = new IndirectListWriter(out);
        for (int i = 0; i < 5000; i++) {
            list.write(new IndirectEntry(i, 1, BLOCK));
        }
        assertThat(out.size()).isPositive();
        assertThatThrownBy(() -> read(out.toString(StandardCharsets.US_ASCII)))
                .isInstanceOf(CorruptFormatException.class);
    }

    @Test
    void damagedListIsReadOrRefused() throws Exception {
        Mutations.survives(
                Golden.bytes("list-of-volume.json"),
                bytes -> read(new ByteArrayInputStream(bytes)));
    }

    private static IndirectListReader reader(String json) {
        return new IndirectListReader(
                new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), ID);
    }

    private static List<IndirectEntry> read(String json) throws IOException {
        return read(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)));
    }

    private static List<IndirectEntry> read(InputStream in) throws IOException {
        List<IndirectEntry> entries = new ArrayList<>();
        try (IndirectListReader list = new IndirectListReader(in, ID)) {
            while (list.hasNext()) {
                entries.add(list.next());
            }
        }
        return entries;
    }

    private static String write(List<IndirectEntry> entries) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        IndirectListWriter list = new IndirectListWriter(out);
        for (IndirectEntry entry : entries) {
            list.write(entry);
        }
        assertThat(list.end()).isEqualTo(entries.getLast().end());
        list.finish();
        list.finish();
        return out.toString(StandardCharsets.US_ASCII);
    }
}
