package io.varve.job;

import io.varve.catalog.RunFigures;
import io.varve.mover.block.BackupPlan;
import io.varve.mover.block.ByteAccount;
import io.varve.mover.block.PublishedBackup;
import java.util.Optional;

/** What runs come to, as the catalog keeps it. */
final class Figures {

    private Figures() {}

    /** Of a backup that has been decided on. */
    static RunFigures of(BackupPlan plan) {
        return of(plan, Optional.empty());
    }

    /** Of a backup that is in the repository. */
    static RunFigures of(PublishedBackup backup) {
        return of(backup.plan(), Optional.of(backup));
    }

    private static RunFigures of(BackupPlan plan, Optional<PublishedBackup> published) {
        Optional<ByteAccount> account = published.map(PublishedBackup::account);
        return new RunFigures(
                Optional.of(plan.requestedType().name()),
                Optional.of(plan.actualType().name()),
                plan.reason().map(Enum::name),
                plan.parentId(),
                Optional.of(plan.volumeBytes()),
                account.map(ByteAccount::unallocatedBytes),
                account.map(ByteAccount::unchangedBytes),
                account.map(ByteAccount::zeroBytes),
                account.map(ByteAccount::deduplicatedBytes),
                account.map(ByteAccount::storedBytes),
                published.map(PublishedBackup::writtenBytes),
                published.map(PublishedBackup::readBytes));
    }

    /** Of a restore. */
    static RunFigures of(long volumeBytes, RestoreTotals totals) {
        return new RunFigures(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(volumeBytes),
                Optional.empty(),
                Optional.of(totals.skippedBytes()),
                Optional.of(totals.zeroedBytes()),
                Optional.empty(),
                Optional.of(totals.writtenBytes()),
                Optional.empty(),
                Optional.empty());
    }
}
