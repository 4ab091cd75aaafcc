package io.varve.job;

import io.varve.catalog.BackupCatalog;
import io.varve.catalog.ClaimRuns;
import io.varve.catalog.ExecutionProgress;
import io.varve.catalog.JdbcStagedBlocks;
import io.varve.catalog.Leases;
import io.varve.catalog.NodeSlots;
import io.varve.catalog.Owner;
import io.varve.catalog.Run;
import io.varve.catalog.Runs;
import io.varve.catalog.UnsupportedClaims;
import io.varve.mover.block.BackupPlan;
import io.varve.mover.block.PlannedBackup;
import io.varve.mover.block.TransferProgress;
import io.varve.volume.BlockBitmap;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the database keeps of runs, and who writes it.
 *
 * @param jdbc and
 * @param transactions for the staged blocks; of the same data source as {@code runs}
 * @param writer this process
 * @param clock dates what is written
 */
public record RunRecords(
        Runs runs,
        ClaimRuns claims,
        Leases leases,
        BackupCatalog backups,
        JdbcOperations jdbc,
        TransactionOperations transactions,
        Writer writer,
        RunMetrics metrics,
        InstantSource clock) {

    /**
     * This process.
     *
     * @param version of the program
     * @param sharesDatabase whether processes on other hosts use it too
     */
    public record Writer(Owner owner, String version, boolean sharesDatabase) {}

    /**
     * A run that is older starts over: kopia's maintenance may remove contents that no backup
     * refers to after 24 hours, and publishing takes its time too.
     */
    private static final Duration RESUME_LIMIT = Duration.ofHours(20);

    JdbcStagedBlocks stagedBlocks(Run run) {
        return new JdbcStagedBlocks(jdbc, transactions, run.id());
    }

    /** What definitions select in vain. */
    UnsupportedClaims unsupported() {
        return new UnsupportedClaims(JdbcClient.create(jdbc));
    }

    /** Who reads a volume on which node. */
    NodeSlots slots() {
        return new NodeSlots(JdbcClient.create(jdbc), transactions, leases.validity());
    }

    /** Stores how far an execution is. */
    void saveProgress(long execution, TransferProgress progress) {
        runs.saveProgress(
                execution,
                new ExecutionProgress(
                        progress.doneBytes(),
                        progress.totalBytes(),
                        progress.readBytes(),
                        progress.storedBytes()));
    }

    /** What was decided about a backup, as its row has it now; for all restarts. */
    Optional<PlannedBackup> plan(String runId) {
        return runs.find(runId)
                .flatMap(Run::plan)
                .map(
                        plan ->
                                new PlannedBackup(
                                        JsonMapper.shared().readValue(plan, BackupPlan.class),
                                        BlockBitmap.fromBytes(runs.blocks(runId).orElseThrow())));
    }

    Instant now() {
        return clock.instant();
    }

    /** Whether a run is young enough to go on. */
    boolean resumable(Run run) {
        return Duration.between(run.createdAt(), now()).compareTo(RESUME_LIMIT) < 0;
    }

    /** A path as the name of something: on a shared database other hosts have the same paths. */
    String placeOf(String path) {
        return writer.sharesDatabase() ? writer.owner().host() + ":" + path : path;
    }
}
