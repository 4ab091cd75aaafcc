package io.varve.job;

import io.varve.mover.block.Partition;
import io.varve.volume.BlockRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.core.step.StepExecution;
import org.springframework.batch.infrastructure.item.Chunk;
import org.springframework.batch.infrastructure.item.ExecutionContext;
import org.springframework.batch.infrastructure.item.ItemStreamWriter;

/** Writes the chunks of one range and moves its cursor; Batch commits both together. */
final class RangeItemWriter implements ItemStreamWriter<TransferItem> {

    private final RangeWriter.Source source;
    private final Partition range;
    private final RangeCursor cursor;
    private final Consumer<StepExecution> checkpoint;
    private final StepExecution step;
    private @Nullable RangeWriter writer;

    /**
     * @param checkpoint is told of each; may mark the step to end there
     */
    RangeItemWriter(
            RangeWriter.Source source,
            Partition range,
            RangeCursor cursor,
            Consumer<StepExecution> checkpoint,
            StepExecution step) {
        this.source = source;
        this.range = range;
        this.cursor = cursor;
        this.checkpoint = checkpoint;
        this.step = step;
    }

    @Override
    public void open(ExecutionContext context) {
        cursor.storeTotal(context);
    }

    @Override
    public void write(Chunk<? extends TransferItem> chunk) throws IOException {
        List<BlockRun> runs = new ArrayList<>();
        boolean last = false;
        for (TransferItem item : chunk) {
            switch (item) {
                case TransferItem.Blocks(BlockRun run) -> runs.add(run);
                case TransferItem.End() -> last = true;
            }
        }
        RangeWriter.Position position = opened().write(runs, last);
        cursor.advance(position.nextBlock(), position.finished());
    }

    /** Called in the chunk's transaction, after {@link #write}. */
    @Override
    public void update(ExecutionContext context) {
        cursor.store(context);
        checkpoint.accept(step);
    }

    @Override
    public void close() {
        if (writer != null) {
            try {
                writer.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Opened by the first chunk, so that a failure is that chunk's. */
    private RangeWriter opened() throws IOException {
        RangeWriter open = writer;
        if (open == null) {
            open = source.open(cursor.nextBlock(), range.endBlock());
            writer = open;
        }
        return open;
    }
}
