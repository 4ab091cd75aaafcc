package io.varve.job;

import io.varve.catalog.UnsupportedClaims;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;

/**
 * The jobs of this process, on an open database.
 *
 * @param resources closed together with it: the database
 */
public record Jobs(
        BackupRuns backups,
        RestoreRuns restores,
        DeleteRuns deletions,
        JobHistory history,
        JobControl control,
        HistoryPruning pruning,
        CatalogSync catalog,
        MoverRuns movers,
        MoverSlots slots,
        Claims claims,
        ClaimRestoring intoClaims,
        RunFates fates,
        VolumeMetrics volumes,
        UnsupportedRecord unsupported,
        Closeable resources)
        implements Closeable {

    /** Backups of claims; the cluster is only asked where there is one. */
    @FunctionalInterface
    public interface Claims {
        ClaimBackups of(ClaimBackups.ClaimVolumes volumes, ClaimBackups.Settings settings);
    }

    /** Restores into claims; the cluster is only asked where there is one. */
    @FunctionalInterface
    public interface ClaimRestoring {
        ClaimRestores of(ClaimRestores.ClaimTargets targets, Duration prepare, Duration stall);
    }

    /** Keeps what a run of a definition could not back up. */
    @FunctionalInterface
    public interface UnsupportedRecord {

        /**
         * @param reasons by volume
         */
        void save(UnsupportedClaims.Finder finder, Map<String, String> reasons);
    }

    /** All of them. */
    public static Jobs of(
            BatchInfrastructure batch,
            RunRecords records,
            DeviceOpener devices,
            int streams,
            Closeable resources) {
        JobHistory history = new JobHistory(records);
        return new Jobs(
                new BackupRuns(batch, records, devices, streams),
                new RestoreRuns(batch, records, devices, streams),
                new DeleteRuns(batch, records),
                history,
                new JobControl(batch, records, history),
                new HistoryPruning(records),
                new CatalogSync(records),
                new MoverRuns(batch, records, devices, streams),
                new MoverSlots(records, batch.stop()),
                (volumes, settings) -> new ClaimBackups(batch, records, volumes, settings),
                (targets, prepare, stall) ->
                        new ClaimRestores(batch, records, targets, prepare, stall),
                new RunFates(records, batch.stop()),
                new VolumeMetrics(records),
                (finder, reasons) -> records.unsupported().save(finder, reasons, records.now()),
                resources);
    }

    /** Ends executions that killed processes left running. */
    public static void recover(BatchInfrastructure batch, RunRecords records) throws IOException {
        new Launch(batch, records).recover();
    }

    @Override
    public void close() throws IOException {
        resources.close();
    }
}
