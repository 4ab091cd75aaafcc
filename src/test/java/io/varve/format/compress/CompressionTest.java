package io.varve.format.compress;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.format.CorruptFormatException;
import io.varve.format.UnsupportedFormatException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The streams were written by other programs: zstd and S2 by klauspost/compress, LZ4 by lz4 1.9,
 * gzip by gzip 1.12 and deflate by zlib 1.2.
 */
class CompressionTest {

    private static final byte[] ZEROS = new byte[1000];
    private static final byte[] TEXT =
            ("kopia ".repeat(8) + "velero ".repeat(5) + "0123456789").getBytes(US_ASCII);

    private static final String ZSTD_ZEROS = "28b52ffd4400e8024d00000800015401022de4095a074479";
    private static final String ZSTD_TEXT =
            "28b52ffd0400fd000064016b6f7069612076656c65726f3031323334353637383902500603ba070a521f2014";
    private static final String S2_ZEROS =
            "ff06000053327354774f000e0000739b3257e807000011011900db02";
    private static final String S2_TEXT =
            "ff06000053327354774f0024000010035d9b5d146b6f70696120a606001476656c65726f72070024303132"
                    + "33343536373839";
    private static final String LZ4_ZEROS =
            "04224d186440a70e0000001f000100ffffffd250000000000000000000d08c287f";
    private static final String LZ4_TEXT =
            "04224d186440a71f0000006f6b6f706961200600176f76656c65726f07000aa0303132333435363738390000"
                    + "00005dcbe32e";
    private static final String GZIP_ZEROS =
            "1f8b080000000000000363601805a360140c77000080170b06e8030000";
    private static final String GZIP_TEXT =
            "1f8b0800000000000003cbce2fc84c54c8269a2c4bcd492dcac74b19181a199b989a995b580200fab9063b5d000000";
    private static final String DEFLATE_ZEROS = "63601805a360140c770000";
    private static final String DEFLATE_TEXT =
            "cbce2fc84c54c8269a2c4bcd492dcac74b19181a199b989a995b580200";

    @ParameterizedTest
    @CsvSource({
        "0x0000, none, NONE",
        "0x1000, gzip, GZIP",
        "0x1001, gzip-best-speed, GZIP_BEST_SPEED",
        "0x1002, gzip-best-compression, GZIP_BEST",
        "0x1100, zstd, ZSTD",
        "0x1101, zstd-fastest, ZSTD_FASTEST",
        "0x1102, zstd-better-compression, ZSTD_BETTER",
        "0x1103, zstd-best-compression, ZSTD_BEST",
        "0x1200, s2-default, S2",
        "0x1201, s2-better, S2_BETTER",
        "0x1202, s2-parallel-4, S2_PARALLEL_4",
        "0x1203, s2-parallel-8, S2_PARALLEL_8",
        "0x1300, pgzip, PGZIP",
        "0x1301, pgzip-best-speed, PGZIP_BEST_SPEED",
        "0x1302, pgzip-best-compression, PGZIP_BEST",
        "0x1400, lz4, LZ4",
        "0x1500, deflate-default, DEFLATE",
        "0x1501, deflate-best-speed, DEFLATE_BEST_SPEED",
        "0x1502, deflate-best-compression, DEFLATE_BEST"
    })
    void aCompressionIsFoundByItsHeaderAndByItsName(
            String headerId, String name, Compression expected) throws UnsupportedFormatException {
        assertThat(Compression.ofHeader(Integer.decode(headerId))).contains(expected);
        assertThat(Compression.named(name)).isEqualTo(expected);
        assertThat(expected.headerId()).isEqualTo(Integer.decode(headerId));
        assertThat(expected.compressorName()).isEqualTo(name);
    }

    @Test
    void whatIsNotKnownIsNotFound() {
        assertThat(Compression.ofHeader(0x1104)).isEmpty();
        assertThatThrownBy(() -> Compression.named("brotli"))
                .isInstanceOf(UnsupportedFormatException.class)
                .hasMessageContaining("'brotli'");
    }

    @ParameterizedTest
    @EnumSource
    void streamsOfOtherWritersUnpack(Compression compression) throws CorruptFormatException {
        byte[] zeros = stored(compression, zeros(compression));
        byte[] text = stored(compression, text(compression));

        assertThat(unpacked(compression, zeros, ZEROS.length)).isEqualTo(ZEROS);
        assertThat(unpacked(compression, text, TEXT.length)).isEqualTo(TEXT);
        assertThat(compression.decompress(ByteBuffer.wrap(zeros), 1 << 20)).isEqualTo(ZEROS);
        assertThat(compression.decompress(ByteBuffer.wrap(text), TEXT.length)).isEqualTo(TEXT);
    }

    @ParameterizedTest
    @EnumSource
    void everyKindOfBufferIsReadAndFilledBetweenItsPositionAndLimit(Compression compression)
            throws CorruptFormatException {
        byte[] packed = stored(compression, text(compression));
        for (boolean directSource : new boolean[] {false, true}) {
            for (boolean directTarget : new boolean[] {false, true}) {
                ByteBuffer source = buffer(directSource, packed.length + 12);
                source.position(5).put(packed).flip().position(5);
                ByteBuffer target = buffer(directTarget, TEXT.length + 7);
                target.position(3).limit(3 + TEXT.length);

                compression.decompress(source.asReadOnlyBuffer(), target);
                assertThat(target.hasRemaining()).isFalse();
                compression.decompress(source, target.position(3));

                assertThat(source.position()).isEqualTo(5);
                assertThat(target.position()).isEqualTo(3 + TEXT.length);
                assertThat(target.flip().position(3))
                        .as("direct %s -> %s", directSource, directTarget)
                        .isEqualTo(ByteBuffer.wrap(TEXT));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void anotherLengthThanTheExpectedIsCorrupt(Compression compression) {
        byte[] packed = stored(compression, zeros(compression));

        for (int length : new int[] {0, 1, ZEROS.length - 1}) {
            assertThatThrownBy(() -> unpacked(compression, packed, length))
                    .isInstanceOf(CorruptFormatException.class)
                    .hasMessageContaining(compression.compressorName())
                    .hasMessageContaining("more than the expected %d bytes", length);
        }
        assertThatThrownBy(() -> unpacked(compression, packed, ZEROS.length + 1))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("to 1000 bytes, not to the expected 1001");
    }

    @ParameterizedTest
    @EnumSource
    void anUnknownLengthIsBoundedByTheAllowedOne(Compression compression) {
        byte[] packed = stored(compression, zeros(compression));

        for (int length : new int[] {0, 1, ZEROS.length - 1}) {
            assertThatThrownBy(() -> compression.decompress(ByteBuffer.wrap(packed), length))
                    .isInstanceOf(CorruptFormatException.class)
                    .hasMessageContaining("more than the allowed %d bytes", length);
        }
    }

    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void aTruncatedStreamIsCorrupt(Compression compression) {
        byte[] packed = stored(compression, text(compression));

        for (int length = 0; length < packed.length; length++) {
            byte[] truncated = Arrays.copyOf(packed, length);
            assertThatThrownBy(() -> unpacked(compression, truncated, TEXT.length))
                    .as("%d bytes", length)
                    .isInstanceOf(CorruptFormatException.class);
        }
    }

    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void bytesAfterAStreamAreCorrupt(Compression compression) {
        byte[] packed = stored(compression, text(compression));
        byte[] longer = Arrays.copyOf(packed, packed.length + 5);
        longer[packed.length] = 0x55;

        assertThatThrownBy(() -> unpacked(compression, longer, TEXT.length))
                .isInstanceOf(CorruptFormatException.class);
    }

    @ParameterizedTest
    @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void theHeaderMustNameTheCompression(Compression compression) {
        byte[] packed = stored(compression, text(compression));
        packed[3] ^= 0x40;

        assertThatThrownBy(() -> unpacked(compression, packed, TEXT.length))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("not 0x%x", compression.headerId());
    }

    private static byte[] unpacked(Compression compression, byte[] stored, int length)
            throws CorruptFormatException {
        ByteBuffer target = ByteBuffer.allocate(length);
        compression.decompress(ByteBuffer.wrap(stored), target);
        return target.array();
    }

    private static byte[] stored(Compression compression, byte[] stream) {
        return compression == Compression.NONE
                ? stream
                : ByteBuffer.allocate(Compression.HEADER_BYTES + stream.length)
                        .putInt(compression.headerId())
                        .put(stream)
                        .array();
    }

    private static byte[] zeros(Compression compression) {
        return switch (family(compression)) {
            case "none" -> ZEROS.clone();
            case "zstd" -> hex(ZSTD_ZEROS);
            case "s2" -> hex(S2_ZEROS);
            case "lz4" -> hex(LZ4_ZEROS);
            case "deflate" -> hex(DEFLATE_ZEROS);
            default -> hex(GZIP_ZEROS);
        };
    }

    private static byte[] text(Compression compression) {
        return switch (family(compression)) {
            case "none" -> TEXT.clone();
            case "zstd" -> hex(ZSTD_TEXT);
            case "s2" -> hex(S2_TEXT);
            case "lz4" -> hex(LZ4_TEXT);
            case "deflate" -> hex(DEFLATE_TEXT);
            default -> hex(GZIP_TEXT);
        };
    }

    private static String family(Compression compression) {
        return compression.name().toLowerCase(Locale.ROOT).replaceFirst("_.*", "");
    }

    private static ByteBuffer buffer(boolean direct, int length) {
        return direct ? ByteBuffer.allocateDirect(length) : ByteBuffer.allocate(length);
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }
}
