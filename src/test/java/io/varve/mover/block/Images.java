package io.varve.mover.block;

import static io.varve.volume.BlockBitmap.BLOCK_BYTES;
import static java.nio.charset.StandardCharsets.US_ASCII;

import io.varve.cbt.ranges.RangesFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/**
 * Volumes written down as one letter for each block: equal letters are equal blocks, {@code 0} is a
 * block of zeros, {@code t} is text that compresses, every other one is noise that does not.
 */
final class Images {

    private Images() {}

    /** A volume of whole blocks. */
    static byte[] of(String letters) {
        return of(letters, BLOCK_BYTES);
    }

    /**
     * A volume whose last block is cut.
     *
     * @param lastBytes length of the last block, 1 to 1 MiB
     */
    static byte[] of(String letters, int lastBytes) {
        byte[] image = new byte[letters.length() * BLOCK_BYTES];
        for (int i = 0; i < letters.length(); i++) {
            System.arraycopy(block(letters.charAt(i)), 0, image, i * BLOCK_BYTES, BLOCK_BYTES);
        }
        return Arrays.copyOf(image, image.length - BLOCK_BYTES + lastBytes);
    }

    private static byte[] block(char letter) {
        byte[] block = new byte[BLOCK_BYTES];
        switch (letter) {
            case '0' -> {}
            case 't' -> {
                byte[] line = "all work and no play makes a dull block\n".getBytes(US_ASCII);
                for (int i = 0; i < block.length; i++) {
                    block[i] = line[i % line.length];
                }
            }
            default -> new Random(letter).nextBytes(block);
        }
        return block;
    }

    /** Writes a file of ranges, as {@link RangesFile} reads it: these blocks of {@code image}. */
    static Path ranges(Path file, byte[] image, int... blocks) throws IOException {
        StringBuilder json = new StringBuilder("[");
        for (int block : blocks) {
            long offset = (long) block * BLOCK_BYTES;
            long length = Math.min(BLOCK_BYTES, image.length - offset);
            json.append(json.length() == 1 ? "" : ",")
                    .append("{\"offset\":%d,\"length\":%d}".formatted(offset, length));
        }
        return Files.writeString(file, json.append("]"));
    }
}
