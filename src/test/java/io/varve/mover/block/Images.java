package io.varve.mover.block;

import static io.varve.volume.BlockBitmap.BLOCK_BYTES;

import io.varve.cbt.ranges.RangesFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/**
 * Volumes written down as one letter for each block: equal letters are equal blocks, {@code 0} is a
 * block of zeros, every other one is noise that does not compress.
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
            if (letters.charAt(i) != '0') {
                byte[] noise = new byte[BLOCK_BYTES];
                new Random(letters.charAt(i)).nextBytes(noise);
                System.arraycopy(noise, 0, image, i * BLOCK_BYTES, BLOCK_BYTES);
            }
        }
        return Arrays.copyOf(image, image.length - BLOCK_BYTES + lastBytes);
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
