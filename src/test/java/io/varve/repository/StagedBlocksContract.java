package io.varve.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.varve.format.ContentId;
import io.varve.format.index.IndexEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What all {@link StagedBlocks} keep to. */
public abstract class StagedBlocksContract {

    private static final ContentId ZERO = content(0);

    /** The staged blocks of a run, none before the first call for it. */
    protected abstract StagedBlocks blocksOfRun(String runId);

    @Test
    void everyKindComesBackAsItWasStaged() {
        StagedBlocks staged = blocksOfRun("run");
        ContentId longest = ContentId.of('k', new byte[64]);
        List<StagedBlock> blocks =
                List.of(
                        StagedBlock.zero(0, 5_000_000_000L, ZERO),
                        StagedBlock.deduplicated(5_000_000_000L, content(1)),
                        StagedBlock.stored(5_000_000_001L, entry(2, "p2"), false),
                        StagedBlock.stored(5_000_000_002L, entry(3, "p3"), true),
                        StagedBlock.stored(5_000_000_003L, extremes(longest), false));
        staged.stage(blocks);
        assertThat(staged.page(0, 100)).isEqualTo(blocks);
    }

    @Test
    void aPageStartsAtItsBlockAndHasAtMostItsLimit() {
        StagedBlocks staged = blocksOfRun("run");
        List<StagedBlock> blocks = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            blocks.add(StagedBlock.deduplicated(10L * i, content(i)));
        }
        staged.stage(blocks.subList(50, 100));
        staged.stage(blocks.subList(0, 50).reversed());
        assertThat(staged.page(0, 100)).isEqualTo(blocks);
        assertThat(staged.page(0, 30)).isEqualTo(blocks.subList(0, 30));
        assertThat(staged.page(290, 30)).isEqualTo(blocks.subList(29, 59));
        assertThat(staged.page(291, 30)).isEqualTo(blocks.subList(30, 60));
        assertThat(staged.page(990, 30)).isEqualTo(blocks.subList(99, 100));
        assertThat(staged.page(991, 30)).isEmpty();
    }

    @Test
    void pagesTogetherAreAllRows() {
        StagedBlocks staged = blocksOfRun("run");
        List<StagedBlock> blocks = new ArrayList<>();
        for (int i = 0; i < 2500; i++) {
            blocks.add(StagedBlock.stored(i, entry(i, "p" + i / 20), false));
        }
        staged.stage(blocks);
        List<StagedBlock> read = new ArrayList<>();
        List<StagedBlock> page = staged.page(0, 64);
        while (!page.isEmpty()) {
            read.addAll(page);
            page = staged.page(page.getLast().end(), 64);
        }
        assertThat(read).isEqualTo(blocks);
    }

    @Test
    void stagingABlockAgainReplacesItsRow() {
        StagedBlocks staged = blocksOfRun("run");
        staged.stage(
                List.of(
                        StagedBlock.stored(1, entry(1, "p1"), true),
                        StagedBlock.zero(2, 10, ZERO)));
        List<StagedBlock> again =
                List.of(StagedBlock.zero(1, 1, ZERO), StagedBlock.stored(2, entry(2, "p2"), false));
        staged.stage(again);
        assertThat(staged.page(0, 10)).isEqualTo(again);
    }

    @Test
    void markingAPackMarksItsRowsAndNoOthers() {
        StagedBlocks staged = blocksOfRun("run");
        staged.stage(
                List.of(
                        StagedBlock.stored(1, entry(1, "p1"), false),
                        StagedBlock.stored(2, entry(2, "p2"), false),
                        StagedBlock.stored(3, entry(3, "p1"), false),
                        StagedBlock.stored(4, entry(4, "p3"), true),
                        StagedBlock.deduplicated(5, content(1))));
        staged.markIndexed(List.of("p1", "p1", "of another run"));
        staged.markIndexed(List.of("p1"));
        staged.markIndexed(List.of());
        assertThat(staged.page(0, 10))
                .extracting(StagedBlock::indexed)
                .containsExactly(true, false, true, true, false);
    }

    @Test
    void aRowStagedAfterItsPackWasMarkedIsIndexed() {
        StagedBlocks staged = blocksOfRun("run");
        staged.markIndexed(List.of("p1"));
        staged.stage(List.of(StagedBlock.stored(1, entry(1, "p1"), false)));
        assertThat(staged.page(0, 10)).extracting(StagedBlock::indexed).containsExactly(true);
    }

    @Test
    void removedRowsAreGoneAndTheOthersStay() {
        StagedBlocks staged = blocksOfRun("run");
        staged.stage(
                List.of(
                        StagedBlock.zero(0, 10, ZERO),
                        StagedBlock.deduplicated(10, content(1)),
                        StagedBlock.stored(11, entry(2, "p2"), false)));
        // 5 lies inside of a row but is not its first block.
        staged.remove(List.of(0L, 5L, 11L, 99L));
        assertThat(staged.page(0, 10)).containsExactly(StagedBlock.deduplicated(10, content(1)));
        staged.remove(List.of());
        assertThat(staged.page(0, 10)).hasSize(1);
    }

    @Test
    void runsDoNotSeeEachOther() {
        StagedBlocks one = blocksOfRun("one");
        StagedBlocks other = blocksOfRun("other");
        StagedBlock block = StagedBlock.stored(1, entry(1, "p1"), false);
        one.stage(List.of(block));
        other.stage(List.of(block, StagedBlock.zero(2, 1, ZERO)));
        one.markIndexed(List.of("p1"));
        assertThat(other.page(0, 10)).containsExactly(block, StagedBlock.zero(2, 1, ZERO));
        one.remove(List.of(1L));
        assertThat(one.page(0, 10)).isEmpty();
        one.clear();
        assertThat(other.page(0, 10)).hasSize(2);
    }

    @Test
    void clearingForgetsRowsAndMarks() {
        StagedBlocks staged = blocksOfRun("run");
        StagedBlock block = StagedBlock.stored(1, entry(1, "p1"), false);
        staged.stage(List.of(block));
        staged.markIndexed(List.of("p1"));
        staged.clear();
        assertThat(staged.page(0, 10)).isEmpty();
        staged.stage(List.of(block));
        assertThat(staged.page(0, 10)).containsExactly(block);
    }

    @Test
    void nothingIsAlsoStaged() {
        StagedBlocks staged = blocksOfRun("run");
        assertThatCode(() -> staged.stage(List.of())).doesNotThrowAnyException();
        assertThat(staged.page(0, 10)).isEmpty();
    }

    @Test
    void partitionsStageWhileTheFlusherMarks() throws Exception {
        StagedBlocks staged = blocksOfRun("run");
        int perPartition = 300;
        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            List<Future<?>> work = new ArrayList<>();
            for (int partition = 0; partition < 2; partition++) {
                int first = partition * perPartition;
                work.add(threads.submit(() -> stageChunks(staged, first, perPartition)));
            }
            work.add(
                    threads.submit(
                            () -> {
                                for (int pack = 0; pack < 30; pack++) {
                                    staged.markIndexed(List.of("p" + pack));
                                }
                            }));
            for (Future<?> part : work) {
                part.get();
            }
        }
        assertThat(staged.page(0, 1000)).hasSize(600).allMatch(StagedBlock::indexed);
    }

    private static void stageChunks(StagedBlocks staged, int first, int count) {
        for (int chunk = first; chunk < first + count; chunk += 20) {
            List<StagedBlock> blocks = new ArrayList<>();
            for (int block = chunk; block < chunk + 20; block++) {
                blocks.add(StagedBlock.stored(block, entry(block, "p" + block / 20), false));
            }
            staged.stage(blocks);
        }
    }

    private static ContentId content(int number) {
        byte[] hash = new byte[16];
        hash[14] = (byte) (number >> 8);
        hash[15] = (byte) number;
        return ContentId.of(ContentId.NO_PREFIX, hash);
    }

    private static IndexEntry entry(int number, String pack) {
        return new IndexEntry(
                content(number),
                pack,
                1000 + number,
                1028,
                1 << 20,
                0x1100,
                3,
                1_795_000_000,
                false);
    }

    /** All fields as large as they get. */
    private static IndexEntry extremes(ContentId id) {
        int most = Integer.MAX_VALUE;
        return new IndexEntry(
                id, "p".repeat(255), most, most, most, most, 255, 0xFFFF_FFFFL, false);
    }
}
