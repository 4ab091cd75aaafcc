package io.varve.volume;

import io.varve.volume.linux.Errno;
import io.varve.volume.linux.ErrnoException;
import io.varve.volume.linux.OpenFile;
import io.varve.volume.linux.OpenFlags;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * One file or device, opened twice: whole grains go through a descriptor with O_DIRECT, the odd
 * bytes at either end of a request through one with the page cache.
 *
 * <p>The kernel keeps the two coherent for requests that follow each other, but not where one page
 * is written half by the one and half by the other at the same time. So an odd piece is written,
 * and synced, while no direct write is under way. Odd pieces are rare: the end of a volume.
 */
final class DirectFile implements Closeable {
    private static final ByteBuffer ZEROS =
            AlignedBuffer.allocate(BounceBuffers.BYTES).asReadOnlyBuffer();

    /** What is named if it cannot be read: a page, and no smaller than any grain. */
    private static final int PLACE_BYTES = 4096;

    private final OpenFile buffered;
    private final @Nullable OpenFile direct;
    private final Optional<String> bufferedReason;
    private final long size;
    private final int grain;
    private final BounceBuffers bounce = new BounceBuffers();

    /** Shared by direct writes; a buffered write beside them is alone. */
    private final ReadWriteLock pages = new ReentrantReadWriteLock();

    private DirectFile(OpenFile buffered, DirectDescriptor direct, long size, int grain) {
        this.buffered = buffered;
        this.direct = direct.file().orElse(null);
        this.bufferedReason = direct.refusal();
        this.size = size;
        this.grain = grain;
    }

    /**
     * Adds direct I/O to a file that is open already, if its file system has it.
     *
     * @param buffered closed together with the result; by the caller if this fails
     * @param access {@link OpenFlags#READ_ONLY} or {@link OpenFlags#READ_WRITE}
     * @param grain offsets and lengths of direct requests are multiples of this many bytes
     */
    static DirectFile over(OpenFile buffered, int access, long size, int grain) throws IOException {
        return new DirectFile(
                buffered, DirectDescriptor.open(buffered, access, size, grain), size, grain);
    }

    OpenFile descriptor() {
        return buffered;
    }

    long size() {
        return size;
    }

    boolean isDirect() {
        return direct != null;
    }

    Optional<String> bufferedReason() {
        return bufferedReason;
    }

    void read(long offset, ByteBuffer target) throws IOException {
        int wanted = target.remaining();
        checkRange("read", offset, wanted);
        long at = offset;
        while (target.hasRemaining()) {
            int count = readPiece(at, target, pieceAt(at, target));
            if (count == 0) {
                throw new IOException(
                        ("reading %s: wanted %d bytes at byte %d, got %d:"
                                        + " the file was truncated while it was read")
                                .formatted(buffered.path(), wanted, offset, at - offset));
            }
            at += count;
        }
    }

    void write(long offset, ByteBuffer source) throws IOException {
        checkRange("write", offset, source.remaining());
        long at = offset;
        while (source.hasRemaining()) {
            Piece piece = pieceAt(at, source);
            boolean besideDirect = direct != null && piece.file == buffered;
            Lock lock = besideDirect ? pages.writeLock() : pages.readLock();
            lock.lock();
            try {
                at += writePiece(at, source, piece);
                if (besideDirect) {
                    buffered.syncData();
                }
            } finally {
                lock.unlock();
            }
        }
    }

    /**
     * Zeroes an extent: its whole grains by {@code call} if that works, the rest by writing.
     *
     * @return whether {@code call} did its part
     */
    boolean zero(Extent extent, ZeroCall call) throws IOException {
        checkRange("zero", extent.offset(), extent.length());
        long first = Math.ceilDiv(extent.offset(), (long) grain) * grain;
        long end = extent.end() / grain * grain;
        if (first >= end || !zeroGrains(first, end, call)) {
            writeZeros(extent.offset(), extent.end());
            return false;
        }
        writeZeros(extent.offset(), first);
        writeZeros(end, extent.end());
        return true;
    }

    /** Also flushes what went through the other descriptor: it is the same file. */
    void flush() throws IOException {
        buffered.sync();
    }

    @Override
    public void close() throws IOException {
        try (buffered) {
            if (direct != null) {
                direct.close();
            }
        }
    }

    /** Asks the device or file system to zero whole grains; false if it refuses. */
    @FunctionalInterface
    interface ZeroCall {
        boolean zero(OpenFile file, long offset, long length) throws IOException;
    }

    private boolean zeroGrains(long first, long end, ZeroCall call) throws IOException {
        pages.readLock().lock();
        try {
            return call.zero(buffered, first, end - first);
        } finally {
            pages.readLock().unlock();
        }
    }

    private void writeZeros(long from, long end) throws IOException {
        long at = from;
        while (at < end) {
            int count = (int) Math.min(ZEROS.capacity(), end - at);
            write(at, ZEROS.slice(0, count));
            at += count;
        }
    }

    /** What one system call moves, and whether through memory of ours. */
    private record Piece(OpenFile file, int length, boolean bounced) {}

    /** The longest piece at the start of a request that one descriptor can move. */
    private Piece pieceAt(long offset, ByteBuffer buffer) {
        int remaining = buffer.remaining();
        if (direct == null) {
            return piece(buffered, remaining, !buffer.isDirect());
        }
        int intoGrain = (int) (offset % grain);
        if (intoGrain != 0 || remaining < grain) {
            return piece(buffered, Math.min(remaining, grain - intoGrain), !buffer.isDirect());
        }
        return piece(direct, remaining - remaining % grain, !AlignedBuffer.isAligned(buffer));
    }

    private static Piece piece(OpenFile file, int length, boolean bounced) {
        return new Piece(file, bounced ? Math.min(length, BounceBuffers.BYTES) : length, bounced);
    }

    private int readPiece(long offset, ByteBuffer target, Piece piece) throws IOException {
        if (piece.bounced) {
            return bounce.read(piece.file, offset, target, piece.length);
        }
        ByteBuffer slice = target.slice(target.position(), piece.length);
        try {
            int count = piece.file.read(offset, slice);
            target.position(target.position() + count);
            return count;
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EIO) {
                readPlaces(piece.file, offset, slice);
            }
            throw e;
        }
    }

    /**
     * Reads what the kernel could not read as a whole, place by place up to the first failure: its
     * message tells where on the medium that is. One place that fails is asked for, no more, since
     * a dying disk takes its time for each.
     */
    private static void readPlaces(OpenFile file, long offset, ByteBuffer target)
            throws IOException {
        for (int at = 0; at < target.capacity(); at += PLACE_BYTES) {
            file.read(offset + at, target.slice(at, Math.min(PLACE_BYTES, target.capacity() - at)));
        }
    }

    private int writePiece(long offset, ByteBuffer source, Piece piece) throws IOException {
        if (piece.bounced) {
            return bounce.write(piece.file, offset, source, piece.length);
        }
        int count = piece.file.write(offset, source.slice(source.position(), piece.length));
        source.position(source.position() + count);
        return count;
    }

    private void checkRange(String verb, long offset, long length) {
        if (offset < 0 || offset > size - length) {
            throw new IllegalArgumentException(
                    "can't %s %d bytes at byte %d of %s: it has %d bytes"
                            .formatted(verb, length, offset, buffered.path(), size));
        }
    }
}
