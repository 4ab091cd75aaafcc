package io.varve.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;

/** An image to be measured with: half of it rows of text, half of it as if encrypted. */
final class BenchmarkSample {

    private static final int MIB = 1 << 20;
    private static final int SIZE_MIB = 256;

    private BenchmarkSample() {}

    /** Writes it, the same each time, and returns its path. */
    static Path make(Path file) throws IOException {
        Random random = new Random(SIZE_MIB);
        byte[] block = new byte[MIB];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (int i = 0; i < SIZE_MIB; i++) {
                if (i % 2 == 0) {
                    random.nextBytes(block);
                } else {
                    fillWithRows(block, random);
                }
                out.write(block);
            }
        }
        return file;
    }

    private static void fillWithRows(byte[] block, Random random) {
        int at = 0;
        while (at < block.length) {
            byte[] row =
                    String.format(
                                    Locale.ROOT,
                                    "row %d of account %08x: paid %d.%02d\n",
                                    at,
                                    random.nextInt(),
                                    random.nextInt(1000),
                                    at % 100)
                            .getBytes(StandardCharsets.US_ASCII);
            int length = Math.min(row.length, block.length - at);
            System.arraycopy(row, 0, block, at, length);
            at += length;
        }
    }
}
