package io.varve.volume;

import io.varve.volume.linux.Errno;
import io.varve.volume.linux.ErrnoException;
import io.varve.volume.linux.OpenFile;
import io.varve.volume.linux.OpenFlags;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** Where a sparse file has data, as its file system knows it (SEEK_DATA and SEEK_HOLE). */
public final class DataExtents {

    private DataExtents() {}

    /**
     * Visits the data of {@code [0, size)} in ascending order; what lies between reads as zeros.
     * Where the file system knows no holes, and on a block device, all is data.
     *
     * @param size in bytes; where the file is shorter, the rest is a hole
     */
    public static void visit(Path image, long size, Consumer<Extent> visitor) throws IOException {
        try (OpenFile file = OpenFile.open(image, OpenFlags.READ_ONLY)) {
            OptionalLong start = file.nextData(0);
            while (start.isPresent() && start.getAsLong() < size) {
                long from = start.getAsLong();
                long end = Math.min(file.nextHole(from).orElse(size), size);
                visitor.accept(new Extent(from, end - from));
                start = file.nextData(end);
            }
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EINVAL) {
                throw e;
            }
            if (size > 0) {
                visitor.accept(new Extent(0, size));
            }
        }
    }
}
