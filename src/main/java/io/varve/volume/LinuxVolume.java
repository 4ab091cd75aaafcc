package io.varve.volume;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/** What a block device and an image file have in common: positioned I/O on a {@link DirectFile}. */
abstract sealed class LinuxVolume implements BlockDevice permits LinuxBlockDevice, ImageFile {
    /** Closed together with this. */
    final DirectFile file;

    LinuxVolume(DirectFile file) {
        this.file = file;
    }

    @Override
    public final Path path() {
        return file.descriptor().path();
    }

    @Override
    public final long size() {
        return file.size();
    }

    @Override
    public final boolean direct() {
        return file.isDirect();
    }

    @Override
    public final Optional<String> bufferedReason() {
        return file.bufferedReason();
    }

    @Override
    public final void read(long offset, ByteBuffer target) throws IOException {
        file.read(offset, target);
    }

    @Override
    public final void write(long offset, ByteBuffer source) throws IOException {
        file.write(offset, source);
    }

    @Override
    public final void flush() throws IOException {
        file.flush();
    }

    @Override
    public final void close() throws IOException {
        file.close();
    }

    @Override
    public final String toString() {
        return path().toString();
    }
}
