package io.varve.format.compress;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdCompressCtx;
import io.varve.format.CorruptFormatException;
import io.varve.format.SeededBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Goal: whatever a stream's bytes are, unpacking it ends with its plain bytes or as corrupt, soon.
 * Method: damage sound streams at random, thousands of times; the seed is in the message.
 */
class DamagedStreamTest {

    private static final int ROUNDS = 4000;

    private final SeededBytes bytes = new SeededBytes();

    @ParameterizedTest
    @EnumSource(names = {"GZIP", "ZSTD", "S2", "LZ4", "DEFLATE"})
    @Timeout(120)
    void aDamagedStreamIsCorruptOrUnpacksToItsPlainBytes(Compression compression) throws Exception {
        byte[] plain = compression == Compression.S2 ? S2DecoderTest.plainOfFiles() : randomPlain();
        byte[] stored = stored(compression, plain);
        // Deflate has no checksum; its contents rely on the tag of their encryption.
        boolean checked = compression != Compression.DEFLATE;
        int corrupt = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] damaged = damaged(stored);
            ByteBuffer source =
                    round % 2 == 0
                            ? ByteBuffer.wrap(damaged)
                            : ByteBuffer.allocateDirect(damaged.length).put(damaged).flip();
            ByteBuffer target =
                    round % 2 == 0
                            ? ByteBuffer.allocate(plain.length)
                            : ByteBuffer.allocateDirect(plain.length);
            try {
                compression.decompress(source, target);
                if (checked) {
                    assertThat(target.flip())
                            .as("%s, round %d", bytes, round)
                            .isEqualTo(ByteBuffer.wrap(plain));
                }
            } catch (CorruptFormatException expected) {
                corrupt++;
            } catch (RuntimeException | Error e) {
                throw new AssertionError("%s, round %d".formatted(bytes, round), e);
            }
        }
        assertThat(corrupt).as("%s", bytes).isGreaterThan(ROUNDS / 2);
    }

    /** Without the checksum that would hide what a block unpacked to. */
    @Test
    @Timeout(60)
    void aDamagedS2BlockIsCorruptOrFillsItsLength() {
        byte[] block = HexFormat.of().parseHex(S2DecoderTest.BLOCK);
        int corrupt = 0;
        for (int round = 0; round < 20 * ROUNDS; round++) {
            byte[] damaged = damaged(block);
            try {
                S2Input input = new S2Input(ByteBuffer.wrap(damaged));
                int length = S2Block.length(input);
                if (length >= 0 && length <= 4 << 20) {
                    new S2Block(input, new byte[length]).decode();
                }
            } catch (CorruptFormatException expected) {
                corrupt++;
            } catch (RuntimeException | Error e) {
                throw new AssertionError("%s, round %d".formatted(bytes, round), e);
            }
        }
        assertThat(corrupt).as("%s", bytes).isGreaterThan(ROUNDS);
    }

    /** With repeats near and far, text, and noise. */
    private byte[] randomPlain() {
        ByteBuffer plain = ByteBuffer.allocate(20_000);
        byte[] noise = bytes.next(700);
        while (plain.hasRemaining()) {
            byte[] piece =
                    switch (bytes.nextInt(3)) {
                        case 0 -> noise;
                        case 1 -> "kopia velero ".repeat(bytes.nextInt(30)).getBytes(US_ASCII);
                        default -> new byte[bytes.nextInt(900)];
                    };
            plain.put(piece, 0, Math.min(piece.length, plain.remaining()));
            noise[bytes.nextInt(noise.length)]++;
        }
        return plain.array();
    }

    private byte[] damaged(byte[] stored) {
        byte[] damaged = stored.clone();
        for (int i = bytes.nextInt(4); i >= 0; i--) {
            int at = Compression.HEADER_BYTES + bytes.nextInt(stored.length - 8);
            switch (bytes.nextInt(5)) {
                case 0 -> damaged[at] ^= (byte) (1 << bytes.nextInt(8));
                case 1 -> damaged[at] = (byte) bytes.nextInt(256);
                case 2 -> Arrays.fill(damaged, at, at + bytes.nextInt(4), (byte) 0xff);
                case 3 -> {
                    int from = Compression.HEADER_BYTES + bytes.nextInt(stored.length - 8);
                    int length = bytes.nextInt(damaged.length - Math.max(from, at));
                    System.arraycopy(stored, from, damaged, at, length);
                }
                default -> {
                    if (bytes.nextInt(4) == 0) {
                        return Arrays.copyOf(damaged, at);
                    }
                    // Heads are where lengths and flags are.
                    damaged[Math.min(4 + bytes.nextInt(24), damaged.length - 1)] ^=
                            (byte) bytes.nextInt(256);
                }
            }
        }
        return damaged;
    }

    private static byte[] stored(Compression compression, byte[] plain) throws IOException {
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        stored.write(ByteBuffer.allocate(4).putInt(compression.headerId()).array());
        switch (compression) {
            case GZIP -> write(new GZIPOutputStream(stored), plain);
            case DEFLATE -> write(new DeflaterOutputStream(stored, new Deflater(6, true)), plain);
            case LZ4 -> write(new FramedLZ4CompressorOutputStream(stored), plain);
            case ZSTD -> {
                try (ZstdCompressCtx context = new ZstdCompressCtx()) {
                    stored.write(context.setChecksum(true).compress(plain));
                }
            }
            case S2 -> stored.write(S2DecoderTest.file("s2-default.s2"));
            default -> throw new IllegalArgumentException(compression.name());
        }
        return stored.toByteArray();
    }

    private static void write(OutputStream stream, byte[] plain) throws IOException {
        try (stream) {
            stream.write(plain);
        }
    }
}
