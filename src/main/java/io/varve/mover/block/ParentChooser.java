package io.varve.mover.block;

import io.varve.format.ContentId;
import io.varve.format.UnsupportedFormatException;
import io.varve.repository.Backup;
import io.varve.repository.BackupListing;
import io.varve.repository.Repository;
import io.varve.repository.content.DamageException;
import io.varve.volume.BlockBitmap;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Chooses the parent of a backup, from the repository alone (R4, R5, R6). */
final class ParentChooser {

    private final Repository repository;
    private final Consumer<String> warnings;

    /**
     * @param warnings takes what a person should know of backups that cannot be considered
     */
    ParentChooser(Repository repository, Consumer<String> warnings) {
        this.repository = repository;
        this.warnings = warnings;
    }

    /**
     * @param tracked whether changed blocks are given: then the parent must be what they count from
     */
    ParentChoice choose(BackupRequest request, boolean tracked) throws IOException {
        BackupListing listing = repository.backups().listing();
        listing.damaged().forEach(e -> warnings.accept(warningOf(e)));
        if (isFullRequested(request)) {
            return new ParentChoice.NoParent(FullReason.REQUESTED);
        }
        boolean explicit = !request.parent().equals(BackupRequest.PARENT_AUTO);
        boolean unreadable = warnOfUnreadable(listing, request.parent(), explicit);
        if (explicit && unreadable) {
            return new ParentChoice.NoParent(FullReason.PARENT_UNREADABLE);
        }
        Optional<Backup> found =
                listing.backups().stream()
                        .filter(
                                backup ->
                                        explicit
                                                ? backup.id().equals(request.parent())
                                                : isOf(request.volume(), backup))
                        .findFirst();
        if (found.isEmpty()) {
            return new ParentChoice.NoParent(whyNone(listing, explicit));
        }
        Optional<FullReason> unfit = whyUnfit(found.get(), request, tracked);
        return unfit.isPresent()
                ? new ParentChoice.NoParent(unfit.get())
                : new ParentChoice.Parent(found.get());
    }

    /** What is not seen may lie in what cannot be read: then nobody knows that it is missing. */
    private static FullReason whyNone(BackupListing listing, boolean explicit) {
        if (!listing.damaged().isEmpty()) {
            return FullReason.PARENT_UNREADABLE;
        }
        return explicit ? FullReason.PARENT_MISSING : FullReason.FIRST_BACKUP;
    }

    /** What a person should know of a content with manifests that cannot be read. */
    static String warningOf(DamageException damage) {
        return "manifests are damaged; backups may lie there that are not considered, or deletions of others: "
                + damage.getMessage();
    }

    private static boolean isFullRequested(BackupRequest request) {
        return request.type() == BackupType.FULL
                || request.parent().equals(BackupRequest.PARENT_NONE)
                || request.cbt() == CbtMode.NONE
                || request.cbt() == CbtMode.SPARSE;
    }

    static boolean isOf(String volume, Backup backup) {
        return backup.isVarve() && backup.volume().equals(volume);
    }

    /** Any that nobody understands may be the newest of the volume; of named ones only that one. */
    private boolean warnOfUnreadable(BackupListing listing, String id, boolean explicit) {
        List<BackupListing.Unreadable> concerned =
                listing.unreadable().stream()
                        .filter(unreadable -> !explicit || unreadable.id().equals(id))
                        .toList();
        for (BackupListing.Unreadable one : concerned) {
            warnings.accept(
                    "backup %s cannot be a parent: %s"
                            .formatted(one.id(), one.damage().getMessage()));
        }
        return !concerned.isEmpty();
    }

    private Optional<FullReason> whyUnfit(Backup parent, BackupRequest request, boolean tracked)
            throws IOException {
        if (!parent.volumeId().equals(Optional.of(request.volumeId()))) {
            return Optional.of(FullReason.PARENT_OF_OTHER_VOLUME);
        }
        if (tracked && (request.baseChangeId().isEmpty() || parent.changeId().isEmpty())) {
            return Optional.of(FullReason.CHANGE_ID_MISSING);
        }
        boolean counted = request.baseChangeId().isPresent();
        if (counted && !request.baseChangeId().equals(parent.changeId())) {
            return Optional.of(FullReason.CHANGE_ID_MISMATCH);
        }
        return isReadable(parent) ? Optional.empty() : Optional.of(FullReason.PARENT_UNREADABLE);
    }

    /**
     * Whether the whole block table can be read: a backup that fails halfway would help nobody. A
     * storage that does not answer says nothing of it, and ends the run.
     */
    private boolean isReadable(Backup parent) throws IOException {
        try (BlockTable table = BlockTable.open(repository.newObjectReader(), parent)) {
            Optional<ContentId> entry = table.next();
            while (entry.isPresent()) {
                entry = table.next();
            }
            return table.nextBlock() > 0
                    && table.nextBlock() >= BlockBitmap.blocksIn(parent.volumeBytes());
        } catch (DamageException | UnsupportedFormatException e) {
            return false;
        }
    }
}
