package io.varve.mover.block;

import io.varve.cbt.csi.ReportedBlocks;
import io.varve.cbt.csi.TrackedBlocks;
import io.varve.cbt.csi.TrackingException;
import io.varve.mover.block.BackupDraft.Coverage;
import io.varve.repository.Backup;
import io.varve.repository.Repository;
import io.varve.volume.BlockBitmap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The first half of a plan where the storage tracks changes: chooses the parent from the
 * repository, and asks the storage. {@link PlanCompletion} is the second half, beside the device.
 * Writes nothing.
 */
public final class DraftPlanner {

    private final Repository repository;
    private final ChangeTracking tracking;
    private final TrackingTrust trust;
    private final List<String> warnings = new ArrayList<>();
    private Optional<TrackingFault> fault = Optional.empty();
    private boolean confirmed;

    /** For one plan. */
    public DraftPlanner(Repository repository, ChangeTracking tracking, TrackingTrust trust) {
        // What a backup relies on is looked at where it lies.
        this.repository = repository.pastCopies();
        this.tracking = tracking;
        this.trust = trust;
    }

    /**
     * Decides.
     *
     * @throws TrackingException if the storage refuses to be asked: reading more would hide it
     */
    public DraftedBackup draft(BackupRequest request) throws IOException {
        ParentChoice choice = new ParentChooser(repository, warnings::add).choose(request, false);
        // Of the newest backup, whether or not this one builds on it.
        Optional<TrackingFault> known =
                TrackingFault.ofVolume(
                        repository, request.volume(), Optional.of(request.volumeId()));
        fault = known.filter(found -> !trust.confirmed().contains(found.backupId()));
        confirmed = known.isPresent() && fault.isEmpty();
        if (fault.isPresent() && request.cbt() == CbtMode.AUTO) {
            warnings.add(fault.get().remedy());
            return full(request, FullReason.TRACKING_DISTRUSTED, Optional.empty(), List.of());
        }
        return switch (choice) {
            case ParentChoice.NoParent(FullReason reason) -> full(request, reason);
            case ParentChoice.Parent(Backup parent) -> onParent(request, parent);
        };
    }

    private DraftedBackup onParent(BackupRequest request, Backup parent) throws IOException {
        if (request.cbt() == CbtMode.COMPARE) {
            return built(request, parent, Coverage.ALL, Optional.empty());
        }
        if (parent.changeId().isEmpty()) {
            return full(request, FullReason.CHANGE_ID_MISSING);
        }
        TrackedBlocks found = tracking.find(parent.changeId());
        return switch (found) {
            case TrackedBlocks.Changed(ReportedBlocks blocks) ->
                    built(
                            request,
                            parent,
                            confirmed || isOld(request, parent) || trust.isComparisonDue(parent)
                                    ? Coverage.COMPARED
                                    : Coverage.CHANGED,
                            Optional.of(blocks));
            case TrackedBlocks.Allocated(ReportedBlocks blocks, var failures) ->
                    full(request, fallback(failures), Optional.of(blocks), failures);
            case TrackedBlocks.Unknown(var failures) ->
                    full(request, fallback(failures), Optional.empty(), failures);
        };
    }

    /**
     * Whether somebody names a parent that newer backups follow: what one of these found wrong and
     * mended may be in it still, and the storage does not tell it a second time.
     */
    private boolean isOld(BackupRequest request, Backup parent) throws IOException {
        return !request.parent().equals(BackupRequest.PARENT_AUTO)
                && repository.backups().list().stream()
                        .filter(backup -> ParentChooser.isOf(request.volume(), backup))
                        .findFirst()
                        .filter(newest -> newest.id().equals(parent.id()))
                        .isEmpty();
    }

    private DraftedBackup full(BackupRequest request, FullReason reason) throws IOException {
        if (request.cbt() == CbtMode.NONE || request.cbt() == CbtMode.COMPARE) {
            return full(request, reason, Optional.empty(), List.of());
        }
        TrackedBlocks found = tracking.find(Optional.empty());
        return switch (found) {
            case TrackedBlocks.Changed changed ->
                    throw new IllegalStateException("changes since no base: " + changed);
            case TrackedBlocks.Allocated(ReportedBlocks blocks, var failures) ->
                    full(request, reason, Optional.of(blocks), failures);
            case TrackedBlocks.Unknown(var failures) ->
                    full(request, reason, Optional.empty(), failures);
        };
    }

    private static FullReason fallback(List<TrackingException> failures) {
        return failures.stream().allMatch(e -> e.kind() == TrackingException.Kind.UNSUPPORTED)
                ? FullReason.TRACKING_UNAVAILABLE
                : FullReason.TRACKING_FAILED;
    }

    private DraftedBackup full(
            BackupRequest request,
            FullReason reason,
            Optional<ReportedBlocks> blocks,
            List<TrackingException> failures) {
        failures.forEach(failure -> warnings.add(failure.getMessage()));
        if (blocks.isEmpty() && !failures.isEmpty()) {
            warnings.add("the storage does not tell which blocks hold data; every block is read");
        }
        if (reason.isWarning()) {
            warnings.add("full backup, because " + reason.text());
        }
        return drafted(
                request,
                Optional.of(reason),
                Optional.empty(),
                blocks.isPresent() ? Coverage.ALLOCATED : Coverage.ALL,
                blocks);
    }

    private DraftedBackup built(
            BackupRequest request,
            Backup parent,
            Coverage coverage,
            Optional<ReportedBlocks> blocks) {
        return drafted(request, Optional.empty(), Optional.of(parent), coverage, blocks);
    }

    private DraftedBackup drafted(
            BackupRequest request,
            Optional<FullReason> reason,
            Optional<Backup> parent,
            Coverage coverage,
            Optional<ReportedBlocks> reported) {
        reported.ifPresent(answer -> warnings.addAll(answer.warnings()));
        BlockBitmap blocks = reported.map(ReportedBlocks::blocks).orElseGet(BlockBitmap::empty);
        BackupDraft draft =
                new BackupDraft(
                        request.type(),
                        reason,
                        parent.map(Backup::id),
                        parent.map(Backup::volumeBytes).orElse(0L),
                        coverage,
                        reported.map(ReportedBlocks::capacityBytes).orElse(OptionalLong.empty()),
                        fault,
                        warnings,
                        new Fingerprint(repository.id())
                                .of(request, parent, reason, coverage, blocks));
        return new DraftedBackup(draft, blocks);
    }
}
