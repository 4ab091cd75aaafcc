package io.varve.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.database.EveryDatabase;
import io.varve.database.TestDatabase;
import io.varve.database.TestDatabase.Address;
import io.varve.format.ContentId;
import io.varve.format.index.IndexEntry;
import io.varve.repository.StagedBlock;
import io.varve.repository.StagedBlocks;
import io.varve.repository.StagedBlocksContract;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.dao.DataIntegrityViolationException;

@EveryDatabase
class JdbcStagedBlocksTest extends StagedBlocksContract {

    private static final ContentId ZERO = ContentId.of(ContentId.NO_PREFIX, new byte[16]);

    private final TestDatabase kind;
    private @TempDir Path folder;
    private Address address;

    private OpenCatalog catalog;

    JdbcStagedBlocksTest(TestDatabase kind) {
        this.kind = kind;
    }

    @BeforeEach
    void create() {
        address = kind.create(folder);
        open();
    }

    private void open() {
        catalog = new OpenCatalog(address);
    }

    @AfterEach
    void close() {
        catalog.close();
    }

    @Override
    protected StagedBlocks blocksOfRun(String runId) {
        return catalog.stagedBlocks(runId);
    }

    @Test
    void rowsOutliveTheDatabasesClosing() {
        StagedBlock block = StagedBlock.stored(1, entry("p1"), false);
        blocksOfRun("run").stage(List.of(block));
        catalog.close();
        open();
        assertThat(blocksOfRun("run").page(0, 10)).containsExactly(block);
    }

    @Test
    void whatAChunkStagedVanishesWithItsTransaction() {
        StagedBlocks staged = blocksOfRun("run");
        StagedBlock before = StagedBlock.stored(1, entry("p1"), false);
        staged.stage(List.of(before));
        catalog.transactions()
                .executeWithoutResult(
                        chunk -> {
                            staged.stage(List.of(StagedBlock.zero(1, 9, ZERO)));
                            staged.markIndexed(List.of("p1"));
                            staged.stage(List.of(StagedBlock.zero(10, 1, ZERO)));
                            chunk.setRollbackOnly();
                        });
        assertThat(staged.page(0, 10)).containsExactly(before);
    }

    @Test
    void withoutATransactionAllRowsAreStagedOrNone() {
        StagedBlocks staged = blocksOfRun("run");
        StagedBlock before = StagedBlock.stored(1, entry("p1"), false);
        staged.stage(List.of(before));
        List<StagedBlock> chunk =
                List.of(
                        StagedBlock.zero(1, 1, ZERO),
                        StagedBlock.stored(2, entry("longer than its column".repeat(20)), false));
        assertThatThrownBy(() -> staged.stage(chunk))
                .isInstanceOf(DataIntegrityViolationException.class);
        assertThat(staged.page(0, 10)).containsExactly(before);
    }

    /** Otherwise each page of a volume with a million rows would sort a million rows. */
    @Test
    void aPageComesFromTheIndexWithoutASort() {
        StagedBlocks staged = blocksOfRun("run");
        List<StagedBlock> blocks = new ArrayList<>();
        for (int block = 0; block < 2000; block++) {
            blocks.add(StagedBlock.stored(block, entry("p" + block / 20), false));
        }
        staged.stage(blocks);
        // PostgreSQL does it by itself some time later.
        catalog.jdbc().execute("ANALYZE" + (kind == TestDatabase.H2 ? "" : " varve_staged_block"));
        List<String> plan =
                catalog.jdbc()
                        .queryForList(
                                "EXPLAIN ANALYZE " + JdbcStagedBlocks.PAGE,
                                String.class,
                                "run",
                                100,
                                64);
        var words = assertThat(String.join("\n", plan).toLowerCase(Locale.ROOT));
        switch (kind) {
            case H2 ->
                    words.contains("index sorted")
                            .contains("primary_key")
                            .contains("scancount: 64")
                            .doesNotContain("tablescan");
            case POSTGRESQL ->
                    words.contains("index scan using varve_staged_block_pkey")
                            .doesNotContain("sort key")
                            .doesNotContain("seq scan on varve_staged_block");
        }
    }

    private static IndexEntry entry(String pack) {
        return new IndexEntry(ZERO, pack, 0, 1028, 1 << 20, 0, 3, 1_795_000_000, false);
    }
}
