package io.varve.mover.block;

import static io.varve.volume.BlockBitmap.BLOCK_BYTES;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.blob.BlobMetadata;
import io.varve.blob.Crash;
import io.varve.blob.FaultyBlobStorage;
import io.varve.blob.MemoryBlobStorage;
import io.varve.format.ContentId;
import io.varve.format.SeededBytes;
import io.varve.repository.Repository;
import io.varve.repository.StagedBlock;
import io.varve.repository.content.PackTrailerReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Streams that meet the same content at the same time. */
class SharedContentTest {

    private static final int STREAMS = 4;
    private static final int ROUNDS = 50;
    private static final int DEATHS = 25;

    /** Four partitions of five blocks: each has what the others have, in another order. */
    private static final byte[] IMAGE = Images.of("abc0d" + "dcba0" + "aabbe" + "edc0f");

    /** Six different blocks are stored, three are zero, all others are known by then. */
    private static final ByteAccount ACCOUNT =
            new ByteAccount(0, 0, mib(3), mib(20 - 3 - 6), mib(6));

    private final SeededBytes seeded = new SeededBytes();

    @Test
    void aContentThatSeveralStreamsMeetAtOnceIsStoredOnce() throws IOException {
        try (BackupHarness harness = new BackupHarness()) {
            for (int round = 0; round < ROUNDS; round++) {
                MemoryBlobStorage disk = harness.copyOfDisk();
                Repository repository = harness.process(disk);
                RecordedRun run = harness.full("r" + round, IMAGE).streams(STREAMS);
                PublishedBackup published = run.execute(repository);
                assertThat(published.account()).as("round %d", round).isEqualTo(ACCOUNT);
                List<ContentId> stored = contentsOf(repository, disk);
                assertThat(stored).as("round %d", round).doesNotHaveDuplicates().hasSize(6 + 1);
                BackupHarness.assertHolds(repository, Map.of(published.backupId(), IMAGE));
            }
        }
    }

    /** Kill at any write: what the cursors have passed is in the storage, and a relaunch ends. */
    @Test
    void aCursorNeverPassesABlockWhosePackIsNotDurable() throws IOException {
        try (BackupHarness harness = new BackupHarness()) {
            for (int round = 0; round < DEATHS; round++) {
                int survivors = 1 + seeded.nextInt(9);
                String where =
                        "round %d, dead after %d writes, %s".formatted(round, survivors, seeded);
                MemoryBlobStorage disk = harness.copyOfDisk();
                RecordedRun run = harness.full("r", IMAGE).streams(STREAMS);
                Repository dying = harness.process(new FaultyBlobStorage(disk, survivors));
                try {
                    run.execute(dying);
                } catch (Crash expected) {
                    // The process is gone; only what reached the disk is left.
                }
                Repository next = harness.process(disk);
                assertStagedIsDurable(where, run, new HashSet<>(contentsOf(next, disk)));
                PublishedBackup published = run.execute(next);
                assertThat(published.account()).as(where).isEqualTo(ACCOUNT);
                BackupHarness.assertHolds(next, Map.of(published.backupId(), IMAGE));
            }
        }
    }

    private static void assertStagedIsDurable(
            String where, RecordedRun run, Set<ContentId> durable) {
        Map<Long, StagedBlock> rows = rows(run);
        for (Partition partition : run.partitionList()) {
            long cursor = run.cursors().getOrDefault(partition.name(), partition.firstBlock());
            for (long block = partition.firstBlock(); block < cursor; block++) {
                assertThat(rows).as("%s, block %d", where, block).containsKey(block);
            }
        }
        for (StagedBlock row : rows.values()) {
            if (row.kind() != StagedBlock.Kind.ZERO) {
                assertThat(durable).as("%s, %s", where, row).contains(row.content());
            }
        }
    }

    private static Map<Long, StagedBlock> rows(RecordedRun run) {
        Map<Long, StagedBlock> rows = new HashMap<>();
        for (StagedBlock row : run.staged().page(0, IMAGE.length)) {
            LongStream.range(row.firstBlock(), row.end()).forEach(block -> rows.put(block, row));
        }
        return rows;
    }

    /** The contents of all packs as the packs themselves tell, whether an index does or not. */
    private static List<ContentId> contentsOf(Repository repository, MemoryBlobStorage disk)
            throws IOException {
        List<BlobMetadata> blobs = new ArrayList<>();
        disk.list("p", blobs::add);
        List<ContentId> contents = new ArrayList<>();
        PackTrailerReader trailers = repository.newPackTrailerReader();
        for (BlobMetadata blob : blobs) {
            trailers.read(blob.id().value(), blob.length())
                    .forEach(entry -> contents.add(entry.id()));
        }
        return contents;
    }

    private static long mib(int count) {
        return (long) count * BLOCK_BYTES;
    }
}
