package io.varve.cbt.ranges;

import io.varve.volume.BlockBitmap;
import io.varve.volume.Extent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The blocks that a file of ranges names: a JSON array of {@code {"offset": bytes, "length":
 * bytes}}, or what {@code rbd diff --format json} prints. Ranges are a set: their order does not
 * matter, empty ones are ignored.
 *
 * @param blocks every block that a range touches
 * @param sha256 of the file's bytes, in hexadecimal
 * @param warnings for the person who gave the file
 */
public record RangesFile(BlockBitmap blocks, String sha256, List<String> warnings) {

    public RangesFile {
        warnings = List.copyOf(warnings);
    }

    /**
     * Reads and checks a file. Memory does not grow with the number of ranges.
     *
     * @param volumeBytes the volume's size; no range may end past it
     * @throws InvalidRangesException if the file holds anything but ranges of the volume
     * @throws IOException if it can't be read
     */
    public static RangesFile read(Path file, long volumeBytes)
            throws InvalidRangesException, IOException {
        if (volumeBytes < 0) {
            throw new IllegalArgumentException("volume size is negative: " + volumeBytes);
        }
        MessageDigest digest = newSha256();
        BlockBitmap.Builder blocks = BlockBitmap.builder();
        OverlapSearch overlaps = new OverlapSearch();
        try (InputStream content = new DigestInputStream(Files.newInputStream(file), digest);
                RangesParser ranges = new RangesParser(file, content, volumeBytes)) {
            ranges.start();
            for (Optional<Extent> range = ranges.next(); range.isPresent(); range = ranges.next()) {
                blocks.addBytes(range.get());
                overlaps.add(range.get().offset(), range.get().end());
            }
        }
        return new RangesFile(
                blocks.build(),
                HexFormat.of().formatHex(digest.digest()),
                warnings(file, overlaps.first()));
    }

    private static List<String> warnings(Path file, OptionalLong firstOverlap) {
        return firstOverlap.isEmpty()
                ? List.of()
                : List.of(
                        "%s: ranges overlap, first at byte %d; they are taken as one set"
                                .formatted(file, firstOverlap.getAsLong()));
    }

    private static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
