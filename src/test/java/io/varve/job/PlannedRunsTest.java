package io.varve.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.mover.block.Partition;
import io.varve.volume.BlockBitmap;
import io.varve.volume.BlockRun;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.batch.core.repository.dao.JacksonExecutionContextStringSerializer;
import org.springframework.batch.infrastructure.item.ExecutionContext;

class PlannedRunsTest {

    private static final Partition RANGE = new Partition("p1", 10, 30, 20);
    private final BlockBitmap blocks = BlockBitmap.range(0, 100);

    private List<TransferItem> read(RangeCursor cursor) {
        PlannedRuns runs = new PlannedRuns(blocks, RANGE, cursor, 8);
        List<TransferItem> items = new ArrayList<>();
        for (TransferItem item = runs.read(); item != null; item = runs.read()) {
            items.add(item);
        }
        return items;
    }

    private static TransferItem blocks(long first, long count) {
        return new TransferItem.Blocks(new BlockRun(first, count));
    }

    @Test
    void aRangeIsReadToItsEndAndNotBeyond() {
        assertThat(read(RangeCursor.of(new ExecutionContext(), RANGE)))
                .containsExactly(
                        blocks(10, 8), blocks(18, 8), blocks(26, 4), new TransferItem.End());
    }

    @Test
    void aRestartReadsFromTheCursorOn() throws IOException {
        RangeCursor cursor = RangeCursor.of(new ExecutionContext(), RANGE);
        cursor.advance(26, false);

        assertThat(read(restarted(cursor))).containsExactly(blocks(26, 4), new TransferItem.End());
    }

    @Test
    void aRangeWhoseLastBlocksAreDurableStillHasItsEnd() throws IOException {
        RangeCursor cursor = RangeCursor.of(new ExecutionContext(), RANGE);
        cursor.advance(30, false);

        assertThat(read(restarted(cursor))).containsExactly(new TransferItem.End());
    }

    @Test
    void aFinishedRangeHasNothing() throws IOException {
        RangeCursor cursor = RangeCursor.of(new ExecutionContext(), RANGE);
        cursor.advance(30, true);

        assertThat(read(restarted(cursor))).isEmpty();
    }

    @Test
    void theCursorIsReadableJson() throws IOException {
        RangeCursor cursor = RangeCursor.of(new ExecutionContext(), RANGE);
        cursor.advance(20, false);

        assertThat(json(cursor))
                .contains("\"next.block\":[\"java.lang.Long\",20]")
                .contains("\"total.blocks\":[\"java.lang.Long\",20]")
                .contains("\"done.blocks\":[\"java.lang.Long\",10]");
    }

    /** As the next process finds it in the database. */
    private static RangeCursor restarted(RangeCursor cursor) throws IOException {
        Map<String, Object> stored =
                new JacksonExecutionContextStringSerializer()
                        .deserialize(
                                new ByteArrayInputStream(
                                        json(cursor).getBytes(StandardCharsets.UTF_8)));
        return RangeCursor.of(new ExecutionContext(stored), RANGE);
    }

    private static String json(RangeCursor cursor) throws IOException {
        ExecutionContext context = new ExecutionContext();
        cursor.store(context);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new JacksonExecutionContextStringSerializer().serialize(context.toMap(), out);
        return out.toString(StandardCharsets.UTF_8);
    }
}
