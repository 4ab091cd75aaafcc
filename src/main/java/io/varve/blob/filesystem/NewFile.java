package io.varve.blob.filesystem;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Writes and syncs a file that did not exist.
 *
 * <p>A big file goes past the page cache as far as buffer and file system allow: nobody reads a
 * pack back soon, and copying it into the cache took 0.3 s of CPU per GiB where this takes 0.08 s.
 * That needs a direct buffer whose first byte is aligned to the file system's block size.
 *
 * @param blockSize of the file system, in bytes; 0 if direct writes are not to be tried
 */
record NewFile(Path path, long blockSize) {

    /**
     * {@code com.sun.nio.file.ExtendedOpenOption.DIRECT}, which all JDKs have. By name, because the
     * compiler's warning about its package cannot be suppressed.
     */
    private static final Optional<OpenOption> DIRECT = directOption();

    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    /** Below, opening the file twice costs more than the copy. */
    private static final int DIRECT_BYTES = 1 << 20;

    /** The JDK copies a heap buffer into a native one of the same size: this bounds that. */
    private static final int PIECE_BYTES = 4 << 20;

    private static Optional<OpenOption> directOption() {
        try {
            Object[] options =
                    Class.forName("com.sun.nio.file.ExtendedOpenOption").getEnumConstants();
            return Stream.of(options)
                    .filter(option -> option.toString().equals("DIRECT"))
                    .map(OpenOption.class::cast)
                    .findFirst();
        } catch (ClassNotFoundException e) {
            return Optional.empty();
        }
    }

    /** The block size to write with in {@code folder}; 0 where the JDK cannot tell it. */
    static long blockSizeOf(Path folder) {
        try {
            long size = Files.getFileStore(folder).getBlockSize();
            return Long.bitCount(size) == 1 && size <= PIECE_BYTES ? size : 0;
        } catch (IOException e) {
            // In some containers the JDK does not find the mount point of a folder.
            return 0;
        }
    }

    /**
     * Leaves a part of the file behind when it fails.
     *
     * @return how many bytes went past the page cache
     */
    int write(ByteBuffer content) throws IOException {
        try (FileChannel file = FileChannel.open(path, Set.of(CREATE_NEW, WRITE), OWNER_ONLY)) {
            ByteBuffer rest = content.duplicate();
            int direct = mayBeDirect(rest) ? writeDirect(rest) : 0;
            file.position(direct);
            writePieces(file, rest, content.limit());
            file.force(true);
            return direct;
        }
    }

    private boolean mayBeDirect(ByteBuffer content) {
        return blockSize > 0
                && DIRECT.isPresent()
                && content.isDirect()
                && content.remaining() >= DIRECT_BYTES
                && content.alignmentOffset(content.position(), (int) blockSize) == 0;
    }

    /** Writes whole blocks from the start of {@code content}, and consumes what it wrote. */
    private int writeDirect(ByteBuffer content) throws IOException {
        int start = content.position();
        int tail = content.remaining() % (int) blockSize;
        try (FileChannel file = FileChannel.open(path, WRITE, DIRECT.orElseThrow())) {
            writePieces(file, content, content.limit() - tail);
        } catch (UnsupportedOperationException e) {
            // The caller writes it all as usual.
        } catch (IOException e) {
            // So do file systems say that they have no direct writes, such as tmpfs.
            if (!Errno.EINVAL.causes(e)) {
                throw e;
            }
        }
        return content.position() - start;
    }

    private static void writePieces(FileChannel file, ByteBuffer content, int end)
            throws IOException {
        int limit = content.limit();
        try {
            while (content.position() < end) {
                content.limit(Math.min(end, content.position() + PIECE_BYTES));
                file.write(content);
            }
        } finally {
            content.limit(limit);
        }
    }
}
