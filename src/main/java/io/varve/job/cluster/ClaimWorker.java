package io.varve.job.cluster;

import io.varve.catalog.Run;
import io.varve.job.BackupOutcome;
import io.varve.job.ClaimBackup;
import io.varve.job.ClaimBackups;
import io.varve.job.cluster.ClaimQueue.Prepared;
import io.varve.job.cluster.DefinitionRun.Audience;
import io.varve.kube.claim.SourceClaim;
import io.varve.mover.block.TransferProgress;
import io.varve.repository.Repository;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Backs up single claims of a definition: what becomes of one is a result, and an Event. Safe for
 * many threads.
 */
final class ClaimWorker implements ClaimQueue.Worker {

    private final Repository repository;
    private final ClaimBackups backups;
    private final Function<SourceClaim, ClaimBackup> backupOf;
    private final Audience audience;
    private final ClaimNews news;

    /**
     * @param backupOf what is to be made of a claim
     */
    ClaimWorker(
            Repository repository,
            ClaimBackups backups,
            Function<SourceClaim, ClaimBackup> backupOf,
            Audience audience,
            ClaimNews news) {
        this.repository = repository;
        this.backups = backups;
        this.backupOf = backupOf;
        this.audience = audience;
        this.news = news;
    }

    @Override
    public boolean stopRequested() {
        return backups.stopRequested();
    }

    @Override
    public Prepared prepare(SourceClaim claim) {
        ClaimBackup backup = backupOf.apply(claim);
        try {
            if (backups.alreadyMade(backup).isPresent()) {
                return Prepared.NOT;
            }
            throwIfStopped();
            return new Prepared(Optional.empty(), backups.prepare(repository, backup));
        } catch (IOException | RuntimeException e) {
            return new Prepared(Optional.of(failed(backup, e)), List.of());
        }
    }

    @Override
    public VolumeResult backUp(SourceClaim claim, Prepared prepared) {
        ClaimBackup backup = backupOf.apply(claim);
        try {
            Optional<String> made = backups.alreadyMade(backup);
            if (made.isPresent()) {
                return told(
                        claim,
                        new VolumeResult.Already(backup.volume(), backup.type(), made.get()));
            }
            throwIfStopped();
            BackupOutcome outcome =
                    watched(backup, progress -> backups.run(repository, backup, progress));
            return told(claim, new VolumeResult.Ran(outcome.warned(prepared.warnings())));
        } catch (IOException | RuntimeException e) {
            return failed(backup, e);
        }
    }

    /** Goes on with exactly this run. */
    BackupOutcome resume(Run run, ClaimBackup backup) throws IOException {
        try {
            BackupOutcome outcome =
                    watched(backup, progress -> backups.resume(repository, run, progress));
            told(backup.claim(), new VolumeResult.Ran(outcome));
            return outcome;
        } catch (IOException | RuntimeException e) {
            failed(backup, e);
            throw e;
        }
    }

    private VolumeResult failed(ClaimBackup backup, Throwable failure) {
        return told(
                backup.claim(), new VolumeResult.Failed(backup.volume(), backup.type(), failure));
    }

    private VolumeResult told(SourceClaim claim, VolumeResult result) {
        news.ended(claim, result);
        return result;
    }

    private void throwIfStopped() throws InterruptedIOException {
        if (backups.stopRequested()) {
            throw new InterruptedIOException("stopped before it began; run again to begin it");
        }
    }

    @FunctionalInterface
    private interface Work {
        BackupOutcome run(TransferProgress progress) throws IOException;
    }

    private BackupOutcome watched(ClaimBackup backup, Work work) throws IOException {
        news.begins(backup.claim());
        TransferProgress progress = new TransferProgress();
        return audience.watch(backup.volume(), progress, () -> work.run(progress));
    }
}
