package io.varve.mover.block;

import io.varve.cbt.ranges.RangesFile;
import io.varve.cbt.sparse.SparseExtents;
import io.varve.repository.Backup;
import io.varve.repository.Repository;
import io.varve.volume.BlockBitmap;
import io.varve.volume.BlockDevice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Decides what a backup of a local device reads, and why (docs/OPERATIONS.md, "Why is it full?").
 * Reads the repository and the ranges, but nothing of the device's data. Writes nothing.
 */
public final class BackupPlanner {

    private final Repository repository;

    /** Plans backups into {@code repository}. */
    public BackupPlanner(Repository repository) {
        // What a backup relies on is looked at where it lies.
        this.repository = repository.pastCopies();
    }

    /**
     * Plans one backup.
     *
     * @throws io.varve.cbt.ranges.InvalidRangesException if a file of ranges cannot be used
     * @throws EmptyVolumeException if the device has no bytes
     */
    public PlannedBackup plan(BackupRequest request, BlockDevice device) throws IOException {
        long size = device.size();
        if (size == 0) {
            throw new EmptyVolumeException(device.path());
        }
        Optional<RangesFile> changed = ranges(request.changedBlocks(), size);
        Optional<RangesFile> allocated = ranges(request.allocatedBlocks(), size);
        List<String> warnings = new ArrayList<>();
        changed.ifPresent(file -> warnings.addAll(file.warnings()));
        allocated.ifPresent(file -> warnings.addAll(file.warnings()));
        device.bufferedReason()
                .ifPresent(reason -> warnings.add(VolumeEnd.bufferedWarning(device, reason)));

        ParentChoice choice =
                new ParentChooser(repository, warnings::add).choose(request, changed.isPresent());
        String fingerprint =
                new Fingerprint(repository.id()).of(request, choice, device, changed, allocated);
        return switch (choice) {
            case ParentChoice.NoParent(FullReason reason) -> {
                if (request.cbt() == CbtMode.SPARSE && device.isBlockDevice()) {
                    warnings.add("a block device does not tell its holes; everything is read");
                }
                if (reason.isWarning()) {
                    warnings.add("full backup, because " + reason.text());
                }
                yield full(request, reason, device, allocated, warnings, fingerprint);
            }
            case ParentChoice.Parent(Backup parent) ->
                    incremental(request, parent, device, changed, warnings, fingerprint);
        };
    }

    private static Optional<RangesFile> ranges(Optional<String> file, long size)
            throws IOException {
        return file.isEmpty()
                ? Optional.empty()
                : Optional.of(RangesFile.read(Path.of(file.get()), size));
    }

    private static PlannedBackup full(
            BackupRequest request,
            FullReason reason,
            BlockDevice device,
            Optional<RangesFile> allocated,
            List<String> warnings,
            String fingerprint)
            throws IOException {
        long size = device.size();
        BlockBitmap all = BlockBitmap.range(0, BlockBitmap.blocksIn(size));
        BlockBitmap blocks = all;
        boolean skipHoles =
                request.cbt() == CbtMode.SPARSE
                        || (request.cbt() == CbtMode.AUTO && !device.isBlockDevice());
        if (allocated.isPresent()) {
            blocks = allocated.get().blocks().or(VolumeEnd.tail(size));
        } else if (skipHoles && !device.isBlockDevice()) {
            blocks = SparseExtents.allocated(device.path(), size);
        }
        BackupPlan plan =
                new BackupPlan(
                        request.type(),
                        BackupType.FULL,
                        Optional.of(reason),
                        Optional.empty(),
                        size,
                        false,
                        device.bufferedReason(),
                        Optional.empty(),
                        warnings,
                        fingerprint);
        return new PlannedBackup(plan, blocks.and(all));
    }

    private static PlannedBackup incremental(
            BackupRequest request,
            Backup parent,
            BlockDevice device,
            Optional<RangesFile> changed,
            List<String> warnings,
            String fingerprint) {
        long size = device.size();
        BlockBitmap all = BlockBitmap.range(0, BlockBitmap.blocksIn(size));
        BlockBitmap blocks = all;
        if (changed.isPresent() && request.cbt() == CbtMode.AUTO) {
            blocks = changed.get().blocks().or(VolumeEnd.tail(size));
            if (parent.volumeBytes() < size) {
                // What the parent has as padding became part of the volume.
                blocks = blocks.or(VolumeEnd.tail(parent.volumeBytes()));
            }
        }
        BackupPlan plan =
                new BackupPlan(
                        request.type(),
                        BackupType.INCREMENTAL,
                        Optional.empty(),
                        Optional.of(parent.id()),
                        size,
                        changed.isEmpty(),
                        device.bufferedReason(),
                        Optional.empty(),
                        warnings,
                        fingerprint);
        return new PlannedBackup(plan, blocks.and(all));
    }
}
