package io.varve.cli.demo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Finds what differs between two images of one size, as a storage that tracks changes would tell
 * it.
 */
public final class ChangedBlocks {

    private static final int GRAIN = 64 << 10;

    private ChangedBlocks() {}

    /** A JSON array of {@code {"offset","length"}}, in bytes. */
    public static String between(Path before, Path after) throws IOException {
        List<String> ranges = new ArrayList<>();
        long size = Files.size(after);
        try (InputStream old = Files.newInputStream(before);
                InputStream now = Files.newInputStream(after)) {
            for (long offset = 0; offset < size; offset += GRAIN) {
                int length = (int) Math.min(GRAIN, size - offset);
                if (!Arrays.equals(old.readNBytes(length), now.readNBytes(length))) {
                    ranges.add("{\"offset\":%d,\"length\":%d}".formatted(offset, length));
                }
            }
        }
        return "[" + String.join(",", ranges) + "]";
    }
}
