package io.varve.catalog;

import io.varve.format.ContentId;
import io.varve.format.CorruptFormatException;
import io.varve.format.index.IndexEntry;
import io.varve.repository.StagedBlock;
import io.varve.repository.StagedBlocks;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.Collection;
import java.util.List;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.transaction.support.TransactionOperations;

/**
 * The staged blocks of one run in the table {@code varve_staged_block}. Each method joins the
 * transaction that is open, or has one of its own.
 */
public final class JdbcStagedBlocks implements StagedBlocks {

    /** Rows per round trip to the database. */
    private static final int BATCH = 1000;

    /** Ordered by the whole key, so that the rows come from its index without a sort. */
    static final String PAGE =
            """
            SELECT s.first_block, s.block_count, s.kind, s.content_id, s.pack, s.pack_offset,
                s.packed_length, s.original_length, s.compression, s.format_version,
                s.timestamp_seconds, (s.indexed OR p.pack IS NOT NULL) AS is_indexed
            FROM varve_staged_block s
            LEFT JOIN varve_indexed_pack p ON p.run_id = s.run_id AND p.pack = s.pack
            WHERE s.run_id = ? AND s.first_block >= ?
            ORDER BY s.run_id, s.first_block
            FETCH FIRST ? ROWS ONLY
            """;

    private final JdbcOperations jdbc;
    private final TransactionOperations transactions;
    private final String runId;

    /**
     * @param transactions of the same data source, joining the open transaction
     */
    public JdbcStagedBlocks(JdbcOperations jdbc, TransactionOperations transactions, String runId) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.runId = runId;
    }

    /** A delete and an insert, which all databases have, instead of one's own way to replace. */
    @Override
    public void stage(List<StagedBlock> blocks) {
        transactions.executeWithoutResult(
                status -> {
                    delete(blocks.stream().map(StagedBlock::firstBlock).toList());
                    jdbc.batchUpdate(
                            """
                            INSERT INTO varve_staged_block (run_id, first_block, block_count, kind,
                                content_id, pack, pack_offset, packed_length, original_length,
                                compression, format_version, timestamp_seconds, indexed)
                            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                            """,
                            blocks,
                            BATCH,
                            this::setRow);
                });
    }

    private void setRow(PreparedStatement row, StagedBlock block) throws SQLException {
        row.setString(1, runId);
        row.setLong(2, block.firstBlock());
        row.setLong(3, block.blockCount());
        row.setInt(4, code(block.kind()));
        row.setBoolean(13, block.indexed());
        row.setString(5, block.content().toString());
        if (block.entry().isPresent()) {
            IndexEntry entry = block.entry().get();
            row.setString(6, entry.pack());
            row.setInt(7, entry.packOffset());
            row.setInt(8, entry.packedLength());
            row.setInt(9, entry.originalLength());
            row.setInt(10, entry.compression());
            row.setInt(11, entry.formatVersion());
            row.setLong(12, entry.timestampSeconds());
        } else {
            row.setNull(6, Types.VARCHAR);
            for (int column = 7; column <= 11; column++) {
                row.setNull(column, Types.INTEGER);
            }
            row.setNull(12, Types.BIGINT);
        }
    }

    @Override
    public List<StagedBlock> page(long fromBlock, int limit) {
        return jdbc.query(PAGE, (row, number) -> block(row), runId, fromBlock, limit);
    }

    /** Touches no row of a block: there may be millions, and this runs every few minutes. */
    @Override
    public void markIndexed(Collection<String> packs) {
        List<String> distinct = packs.stream().distinct().toList();
        String delete = "DELETE FROM varve_indexed_pack WHERE run_id = ? AND pack = ?";
        String insert = "INSERT INTO varve_indexed_pack (run_id, pack) VALUES (?, ?)";
        transactions.executeWithoutResult(
                status -> {
                    for (String statement : List.of(delete, insert)) {
                        jdbc.batchUpdate(statement, distinct, BATCH, this::setPack);
                    }
                });
    }

    private void setPack(PreparedStatement row, String pack) throws SQLException {
        row.setString(1, runId);
        row.setString(2, pack);
    }

    @Override
    public void remove(Collection<Long> firstBlocks) {
        transactions.executeWithoutResult(status -> delete(firstBlocks));
    }

    private void delete(Collection<Long> firstBlocks) {
        jdbc.batchUpdate(
                "DELETE FROM varve_staged_block WHERE run_id = ? AND first_block = ?",
                firstBlocks,
                BATCH,
                (row, firstBlock) -> {
                    row.setString(1, runId);
                    row.setLong(2, firstBlock);
                });
    }

    @Override
    public void clear() {
        transactions.executeWithoutResult(
                status -> {
                    jdbc.update("DELETE FROM varve_staged_block WHERE run_id = ?", runId);
                    jdbc.update("DELETE FROM varve_indexed_pack WHERE run_id = ?", runId);
                });
    }

    /** Persisted; V2__varve.sql lists them. */
    private static int code(StagedBlock.Kind kind) {
        return switch (kind) {
            case ZERO -> 0;
            case DEDUPLICATED -> 1;
            case STORED -> 2;
        };
    }

    private StagedBlock block(ResultSet row) throws SQLException {
        long first = row.getLong("first_block");
        long count = row.getLong("block_count");
        int kind = row.getInt("kind");
        return switch (kind) {
            case 0 -> StagedBlock.zero(first, count, content(row));
            case 1 -> StagedBlock.deduplicated(first, content(row));
            case 2 -> StagedBlock.stored(first, entry(row), row.getBoolean("is_indexed"));
            default ->
                    throw new SQLException(
                            "run %s: staged block %d is of unknown kind %d"
                                    .formatted(runId, first, kind));
        };
    }

    private static IndexEntry entry(ResultSet row) throws SQLException {
        return new IndexEntry(
                content(row),
                row.getString("pack"),
                row.getInt("pack_offset"),
                row.getInt("packed_length"),
                row.getInt("original_length"),
                row.getInt("compression"),
                row.getInt("format_version"),
                row.getLong("timestamp_seconds"),
                false);
    }

    private static ContentId content(ResultSet row) throws SQLException {
        try {
            return ContentId.parse(row.getString("content_id"));
        } catch (CorruptFormatException e) {
            throw new SQLException("staged block: " + e.getMessage(), e);
        }
    }
}
