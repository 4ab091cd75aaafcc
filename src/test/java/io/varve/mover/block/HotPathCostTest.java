package io.varve.mover.block;

import static io.varve.volume.BlockBitmap.BLOCK_BYTES;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.varve.blob.filesystem.FilesystemBlobStorage;
import io.varve.repository.MemoryStagedBlocks;
import io.varve.repository.Repository;
import io.varve.volume.BlockDevice;
import io.varve.volume.BlockDevices;
import io.varve.volume.BlockRun;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What copying a block costs besides time, which depends on the machine: memory of the heap, and
 * requests to the kernel. Both are counted by thread, so that tests beside this one do not matter.
 */
class HotPathCostTest {

    private static final int BLOCKS = 96;
    private static final int WARM = 48;
    private static final long SEED = 20261130;

    /**
     * Ciphers, keys, ids, index entries, and vectors as long as the kernel is not compiled; no copy
     * of a block.
     */
    private static final long MOST_HEAP_BYTES = BLOCK_BYTES / 4;

    /** Eight MiB at once. */
    private static final double MOST_READS = 0.5;

    /** Packs of 20 MiB go out 4 MiB at once, and are named, synced and renamed. */
    private static final double MOST_WRITES = 0.5;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir private Path folder;

    @Test
    void aBlockIsCopiedWithoutACopyOnTheHeapAndWithFewRequests() throws IOException {
        byte[] content = new byte[BLOCKS * BLOCK_BYTES];
        new Random(SEED).nextBytes(content);
        Path image = Files.write(folder.resolve("disk.img"), content);
        try (Repository repository =
                        TestRepositories.create(
                                FilesystemBlobStorage.create(folder.resolve("repository")));
                BlockDevice source = BlockDevices.openSource(image);
                BackupTransfer transfer = transfer(repository, source);
                BlockCopy copy = transfer.open(0)) {
            copy(copy, 0, WARM);
            long heap = threads.getCurrentThreadAllocatedBytes();
            long reads = requests("syscr");
            long writes = requests("syscw");

            copy(copy, WARM, BLOCKS);

            double blocks = BLOCKS - WARM;
            writes = requests("syscw") - writes;
            reads = requests("syscr") - reads;
            heap = threads.getCurrentThreadAllocatedBytes() - heap;
            System.err.printf(
                    "a block: %.0f bytes of heap, %.2f reads, %.2f writes%n",
                    heap / blocks, reads / blocks, writes / blocks);
            assertThat(heap / blocks).isPositive().isLessThan(MOST_HEAP_BYTES);
            assertThat(reads / blocks).isPositive().isLessThan(MOST_READS);
            assertThat(writes / blocks).isPositive().isLessThan(MOST_WRITES);
        }
    }

    private static BackupTransfer transfer(Repository repository, BlockDevice source)
            throws IOException {
        BackupRequest request =
                new ImageBackups(repository, "disk", "disk").full(source.path(), "1");
        return new BackupTransfer(
                repository,
                BackupTransfer.Source.local(
                        request, new BackupPlanner(repository).plan(request, source), source),
                new RunIdentity("run-1", "disk", repository.now()),
                new MemoryStagedBlocks(),
                new TransferProgress());
    }

    private static void copy(BlockCopy copy, int from, int to) throws IOException {
        for (int block = from; block < to; block += BlockCopy.MAX_RUN) {
            copy.copy(new BlockRun(block, BlockCopy.MAX_RUN));
        }
        assertThat(copy.checkpoint().nextBlock()).isPositive();
    }

    /** What the kernel counted of this thread; reading that is a few requests more. */
    private static long requests(String kind) throws IOException {
        Matcher matcher =
                Pattern.compile(kind + ": (\\d+)")
                        .matcher(Files.readString(Path.of("/proc/thread-self/io")));
        assertThat(matcher.find()).isTrue();
        return Long.parseLong(matcher.group(1));
    }
}
