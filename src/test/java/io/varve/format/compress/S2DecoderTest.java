package io.varve.format.compress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.format.CorruptFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The files are described in their README.md. */
class S2DecoderTest {

    /** Six times two hashes with one byte changed; as klauspost/compress packs it. */
    static final String BLOCK =
            "8003f03f2d711642b726b04401627ca9fbac32f5c8530fb1013cc4db02258717921a4881a1fce4363854ff88"
                    + "8cff4b8e7875d600c2682390412a8cf79b37d0b11148b0fa4e40000026150037004b15003700"
                    + "70150037009515003700ba150023";

    private static final String HEAD = "ff060000" + "53327354774f";

    @Test
    void aBlockWithRepeatedOffsetsUnpacks() throws Exception {
        byte[] plain = new byte[384];
        for (int i = 0; i < 6; i++) {
            System.arraycopy(sha256("x".getBytes(US_ASCII)), 0, plain, 64 * i, 32);
            System.arraycopy(sha256("y".getBytes(US_ASCII)), 0, plain, 64 * i + 32, 32);
            plain[64 * i + 20] = (byte) (37 * i + 1);
        }

        assertThat(HexFormat.of().formatHex(sha256(plain)))
                .isEqualTo("a5fec20701da1dedd141bbb4b035d30b84a0f4a2ede26cd3c97ce1faaaef69d7");
        assertThat(unpackedBlock(BLOCK)).isEqualTo(plain);
    }

    @ParameterizedTest
    @ValueSource(strings = {"s2-default.s2", "s2-better-with-padding-and-index.s2"})
    void aStreamOfSeveralBlocksUnpacks(String file) throws Exception {
        byte[] plain = plainOfFiles();
        assertThat(HexFormat.of().formatHex(sha256(plain)))
                .isEqualTo("be801725d04b6d8a9ef78f121de417596a44fd8ad3b4ffe635f3d25009d0be5e");

        assertThat(unpacked(file(file), plain.length)).isEqualTo(plain);
    }

    /** Each block starts with the literal "abcd". */
    @ParameterizedTest
    @CsvSource({
        // Copies of kind 1, 2 and 3 by the table in S2Block.
        "08, 0c61626364 0104, abcdabcd",
        "0f, 0c61626364 1d04, abcdabcdabcdabc",
        "06, 0c61626364 060400, abcdab",
        "07, 0c61626364 0b02000000, abcdcdc",
        "09, 0c61626364 1201 00, abcdddddd",
        // Copy of 2 from offset 2, then a repeat of it: of 4, 8, 8, 9, 260, 518 and 65540 bytes.
        "0a, 0c61626364 060200 0100, abcdcd...",
        "0e, 0c61626364 060200 1100, abcdcd...",
        "0e, 0c61626364 060200 150000, abcdcd...",
        "0f, 0c61626364 060200 150001, abcdcd...",
        "8a02, 0c61626364 060200 19000000, abcdcd...",
        "8c04, 0c61626364 060200 19000201, abcdcd...",
        "8a8004, 0c61626364 060200 1d00000000, abcdcd...",
    })
    void copiesUnpackByTheirTags(String length, String elements, String expected)
            throws CorruptFormatException {
        String plain = new String(unpackedBlock(length + elements.replace(" ", "")), ISO_8859_1);

        if (expected.endsWith("...")) {
            assertThat(plain).matches("ab(cd)+c?");
        } else {
            assertThat(plain).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @CsvSource({"f0 63, 100", "f4 6300, 100", "f8 630000, 100", "fc 63000000, 100"})
    void literalsUnpackByTheirTags(String tag, int length) throws CorruptFormatException {
        byte[] plain = new byte[length];
        Arrays.fill(plain, (byte) 'x');
        String block = "%02x".formatted(length) + tag.replace(" ", "") + "78".repeat(length);

        assertThat(unpackedBlock(block)).isEqualTo(plain);
    }

    @ParameterizedTest
    @CsvSource({
        "repeat before any copy, 08 0c61626364 0100",
        "copy before the start, 08 0c61626364 0105",
        "copy with offset 0, 08 0c61626364 0e0000",
        "copy with a negative offset, 08 0c61626364 0fffffffff",
        "copy past the end, 07 0c61626364 0104",
        "repeat past the end, 20 0c61626364 060200 1d00ffffff",
        "literal past the end, 03 0c61626364",
        "literal longer than its block, 08 1c61626364",
        "literal of 2^32 bytes, 08 fcffffffff 61626364",
        "literal of 2^31 bytes, 08 fcffffff7f 61626364",
        "literal with half a length, 08 f4 63",
        "tag without its offset, 08 0c61626364 01",
        "fewer bytes than the block says, 05 0c61626364",
        "length that never ends, ffffffffffff",
    })
    void aMalformedBlockIsCorrupt(String what, String block) {
        assertThatThrownBy(() -> unpackedBlock(block.replace(" ", "")))
                .as(what)
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("s2 stream: at byte ");
    }

    @ParameterizedTest
    @CsvSource({
        "no head, 00 050000 00000000 00",
        "head of another format, ff 060000 53327354774e",
        "head that is too short, ff 050000 5332735477",
        "reserved chunk, " + HEAD + " 02 010000 00",
        "last reserved chunk, " + HEAD + " 7f 010000 00",
        "chunk past the end, " + HEAD + " fe 020000 00",
        "chunk without a checksum, " + HEAD + " 01 030000 000000",
        "chunk without its length, " + HEAD + " 01 0300",
        "block above 4 MiB, " + HEAD + " 00 090000 00000000 81808002 00",
        "block above 2^31, " + HEAD + " 00 0a0000 00000000 ffffffff0f 00",
        "block above 2^32, " + HEAD + " 00 0a0000 00000000 818080801000",
    })
    void aMalformedStreamIsCorrupt(String what, String stream) {
        assertThatThrownBy(() -> unpacked(hex(stream.replace(" ", "")), 1))
                .as(what)
                .isInstanceOf(CorruptFormatException.class);
    }

    @Test
    void paddingAndSkippableChunksAreSkippedAndHeadsMayRepeat() throws CorruptFormatException {
        String data = chunk("616263");
        String stream =
                HEAD
                        + "fe000000"
                        + data
                        + "80010000ff"
                        + HEAD
                        + "fd020000ffff"
                        + data
                        + "fe03000000ffff";

        assertThat(unpacked(hex(stream), 6)).isEqualTo("abcabc".getBytes(US_ASCII));
    }

    @Test
    void aStreamOfSnappyUnpacks() throws CorruptFormatException {
        String stream = "ff060000734e61507059" + chunk("616263");

        assertThat(unpacked(hex(stream), 3)).isEqualTo("abc".getBytes(US_ASCII));
    }

    @Test
    void aDamagedByteOrChecksumIsCorrupt() {
        byte[] stream = hex(HEAD + chunk("616263"));
        for (int position = 14; position < stream.length; position++) {
            byte[] damaged = stream.clone();
            damaged[position] ^= 1;

            assertThatThrownBy(() -> unpacked(damaged, 3))
                    .isInstanceOf(CorruptFormatException.class)
                    .hasMessageContaining("checksum");
        }
    }

    /** 196608 bytes that repeat every 4096 but for one in 20000, then 5000 without order. */
    static byte[] plainOfFiles() throws NoSuchAlgorithmException {
        ByteBuffer base = ByteBuffer.allocate(9120);
        for (long i = 0; base.hasRemaining(); i++) {
            base.put(sha256(ByteBuffer.allocate(Long.BYTES).putLong(i).array()));
        }
        byte[] plain = new byte[196608 + 5000];
        for (int i = 0; i < 196608; i++) {
            plain[i] = i % 20000 == 19999 ? (byte) (i / 20000) : base.get(i % 4096);
        }
        base.get(4096, plain, 196608, 5000);
        return plain;
    }

    private static byte[] unpackedBlock(String block) throws CorruptFormatException {
        S2Input input = new S2Input(ByteBuffer.wrap(hex(block)));
        byte[] plain = new byte[S2Block.length(input)];
        new S2Block(input, plain).decode();
        return plain;
    }

    private static byte[] unpacked(byte[] stream, int length) throws CorruptFormatException {
        ByteBuffer target = ByteBuffer.allocate(length);
        assertThat(new S2Decoder().decode(ByteBuffer.wrap(stream), target)).isTrue();
        assertThat(target.hasRemaining()).isFalse();
        return target.array();
    }

    /** A chunk of plain bytes. */
    private static String chunk(String plain) {
        CRC32C crc = new CRC32C();
        crc.update(hex(plain));
        int masked = Integer.rotateRight((int) crc.getValue(), 15) + 0xa282ead8;
        return "01%02x0000%08x".formatted(4 + plain.length() / 2, Integer.reverseBytes(masked))
                + plain;
    }

    static byte[] file(String name) throws IOException {
        try (InputStream file = S2DecoderTest.class.getResourceAsStream(name)) {
            return Objects.requireNonNull(file, name).readAllBytes();
        }
    }

    private static byte[] sha256(byte[] bytes) throws NoSuchAlgorithmException {
        return MessageDigest.getInstance("SHA-256").digest(bytes);
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }
}
