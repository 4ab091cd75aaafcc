package io.varve.blob.filesystem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real file system of 1 MiB that fills up, and one that becomes read-only. */
@Tag("mount")
class FullDiskTest {

    @TempDir Path folder;

    private boolean mounted;

    @BeforeEach
    void mountOneMebibyte() throws Exception {
        mounted = run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder.toString());
        assumeThat(mounted).as("mounting a tmpfs is permitted").isTrue();
    }

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            assertThat(run("umount", folder.toString())).isTrue();
        }
    }

    @Test
    void aPutOnAFullDiskIsFullLeavesNothingBehindAndHurtsNobody() throws IOException {
        try (BlobStorage storage = FilesystemBlobStorage.create(folder)) {
            BlobId small = new BlobId("small");
            storage.put(small, ByteBuffer.allocate(500_000));
            for (BlobId big : new BlobId[] {new BlobId("big"), small}) {
                assertThatThrownBy(() -> storage.put(big, ByteBuffer.allocate(2 << 20)))
                        .isInstanceOf(BlobStorageException.Full.class)
                        .hasMessageContaining("write blob " + big)
                        .hasMessageContaining("file://" + folder + " is full")
                        .hasMessageContaining("free space");
            }
            assertThatThrownBy(
                            () ->
                                    storage.putIfAbsent(
                                            new BlobId("b"), ByteBuffer.allocate(2 << 20)))
                    .isInstanceOf(BlobStorageException.Full.class);

            assertThat(storage.get(small).remaining()).isEqualTo(500_000);
            try (Stream<Path> files = Files.list(folder)) {
                assertThat(files.map(file -> file.getFileName().toString()))
                        .containsExactlyInAnyOrder(".shards", "small.f");
            }
            storage.put(new BlobId("fits"), ByteBuffer.allocate(400_000));
        }
    }

    /** The way that packs take where there are direct writes. */
    @Test
    void anAlignedPackOnAFullDiskIsFullToo() throws IOException {
        ByteBuffer pack = ByteBuffer.allocateDirect((3 << 20) + 8192).alignedSlice(4096);
        try (BlobStorage storage = FilesystemBlobStorage.create(folder)) {
            assertThatThrownBy(() -> storage.put(new BlobId("pack"), pack))
                    .isInstanceOf(BlobStorageException.Full.class);
            storage.put(new BlobId("fits"), ByteBuffer.allocate(900_000));
        }
    }

    @Test
    void aReadOnlyFileSystemDeniesWritesAndStillReads() throws Exception {
        try (BlobStorage storage = FilesystemBlobStorage.create(folder)) {
            BlobId id = new BlobId("blob");
            storage.put(id, ByteBuffer.allocate(10));
            assertThat(run("mount", "-o", "remount,ro", folder.toString())).isTrue();
            assertThatThrownBy(() -> storage.put(id, ByteBuffer.allocate(10)))
                    .isInstanceOf(BlobStorageException.Denied.class);
            assertThatThrownBy(() -> storage.delete(id))
                    .isInstanceOf(BlobStorageException.Denied.class);
            try (BlobStorage again = FilesystemBlobStorage.open(folder)) {
                assertThat(again.get(id).remaining()).isEqualTo(10);
            }
        }
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).inheritIO().start();
        return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
    }
}
