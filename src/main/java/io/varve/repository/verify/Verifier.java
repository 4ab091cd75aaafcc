package io.varve.repository.verify;

import io.varve.format.ContentId;
import io.varve.format.index.IndexEntry;
import io.varve.repository.Backup;
import io.varve.repository.BackupListing;
import io.varve.repository.ManifestListing;
import io.varve.repository.Repository;
import io.varve.repository.UnknownBackupException;
import io.varve.repository.content.ContentReader;
import io.varve.repository.content.DamageException;
import io.varve.repository.verify.VerifyReport.Damaged;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Verifies backups of one repository. Damage is collected, not thrown: one bad block, or one blob
 * that cannot be read, does not hide the next. For one thread, one verification each.
 */
public final class Verifier {

    private final Repository repository;
    private final ContentReader reader;
    private final Sample sample;
    private final List<Damaged> damaged = new ArrayList<>();

    /** What was found wrong with contents that were read ahead of the backups. */
    private final Map<ContentId, Damaged> bad = new TreeMap<>();

    private long contentsChecked;
    private long bytesRead;

    /**
     * @param readPercent share of the data contents that is read, decrypted and hashed: 0 to 100;
     *     all that describes the data (manifests, directories, block tables) always is
     */
    public Verifier(Repository repository, double readPercent) {
        this(repository, readPercent, System.nanoTime());
    }

    /**
     * As the other one.
     *
     * @param seed the same one takes the same sample of an unchanged repository
     */
    public Verifier(Repository repository, double readPercent, long seed) {
        this.repository = repository;
        this.reader = repository.newContentReader();
        this.sample = new Sample(readPercent, seed);
    }

    /**
     * Verifies the whole repository: every backup, every content, every pack's recovery index.
     *
     * @throws IOException if the index or the listing of packs cannot be read, or the thread was
     *     interrupted
     */
    public VerifyReport verifyAll() throws IOException {
        List<Backup> backups = backups();
        RepositoryView view = new RepositoryView(repository);
        ContentCheck check = new ContentCheck(view);
        if (!sample.isNothing()) {
            readContents(view, check);
        }
        for (Backup backup : backups) {
            walk(backup, check, false);
        }
        forgetDeletedBackups();
        reportUnreferenced();
        if (!sample.isNothing()) {
            new PackTrailerCheck(repository, view).checkAll(sample, damaged::add);
        }
        return report(backups.size());
    }

    /**
     * Verifies these backups, and nothing else.
     *
     * @throws UnknownBackupException if one is not there, or is deleted meanwhile
     * @throws IOException as in {@link #verifyAll()}, or if no manifest at all can be read
     */
    public VerifyReport verify(List<String> ids) throws IOException {
        ContentCheck check = new ContentCheck(new RepositoryView(repository));
        for (String id : ids) {
            int before = damaged.size();
            Optional<Backup> backup = backup(id);
            if (backup.isPresent()) {
                walk(backup.get(), check, true);
            }
            if (damaged.size() > before && !repository.manifests().mayHold(id)) {
                throw new UnknownBackupException(id);
            }
        }
        return report(ids.size());
    }

    private VerifyReport report(int backups) {
        return new VerifyReport(backups, contentsChecked, bytesRead, damaged);
    }

    /** All backups that can be read; why others cannot is reported. */
    private List<Backup> backups() throws IOException {
        try {
            BackupListing listing = repository.backups().listing();
            for (BackupListing.Unreadable unreadable : listing.unreadable()) {
                damaged.add(Damaged.of(unreadable.id(), unreadable.damage()));
            }
            listing.damaged().forEach(e -> damaged.add(Damaged.of("", e)));
            return listing.backups();
        } catch (IOException e) {
            Interruption.stopOn(e);
            damaged.add(Damaged.of("", e));
            return List.of();
        }
    }

    private Optional<Backup> backup(String id) throws IOException {
        try {
            return Optional.of(repository.backups().get(id));
        } catch (DamageException e) {
            damaged.add(Damaged.of(id, e));
            return Optional.empty();
        }
    }

    /** Reads contents in the order of the index, each once, however many backups share it. */
    private void readContents(RepositoryView view, ContentCheck check) throws IOException {
        try {
            view.index()
                    .forEachLive(
                            entry -> {
                                if (sample.takes()) {
                                    readContent(entry.id(), view, check);
                                }
                            });
        } catch (IOException e) {
            Interruption.stopOn(e);
            damaged.add(Damaged.of("", e));
        }
    }

    private void readContent(ContentId id, RepositoryView view, ContentCheck check)
            throws IOException {
        Optional<Damaged> found = check.check(id, this::read);
        // Maintenance may have dropped it since: then whether it is missed is up to the backups.
        if (found.isPresent() && view.index().holds(id)) {
            bad.put(id, found.get());
        }
    }

    private void read(IndexEntry entry) throws IOException {
        int length = reader.read(entry).remaining();
        bytesRead += length;
        if (length != entry.originalLength()) {
            throw DamageException.at(
                    entry,
                    "it has %d bytes, the index says %d".formatted(length, entry.originalLength()),
                    null);
        }
    }

    private void walk(Backup backup, ContentCheck check, boolean reading) throws IOException {
        BackupVisitor visitor =
                new BackupVisitor() {
                    @Override
                    public void needed(Reference reference) throws IOException {
                        check(reference, check, reading)
                                .map(
                                        found ->
                                                found.in(
                                                        backup.id(),
                                                        reference.offset(),
                                                        reference.length()))
                                .ifPresent(damaged::add);
                    }

                    @Override
                    public void damaged(
                            long offset, long length, String contentId, IOException problem) {
                        damaged.add(
                                Damaged.ofContent(contentId, "", problem)
                                        .in(backup.id(), offset, length));
                    }
                };
        new BackupWalk(backup, repository.newObjectReader(), visitor).run();
    }

    private Optional<Damaged> check(Reference reference, ContentCheck check, boolean reading)
            throws IOException {
        Damaged known = bad.get(reference.content());
        boolean isData = reference.use() != Reference.Use.DESCRIPTION;
        if (isData) {
            contentsChecked++;
        }
        if (known != null) {
            return Optional.of(known);
        }
        boolean reads = isData && reading && sample.takes();
        return check.check(
                reference.content(),
                entry -> {
                    reference.checkFits(entry);
                    if (reads) {
                        read(entry);
                    }
                });
    }

    /**
     * Whoever deletes a backup while it is verified has not damaged it; what damage hides may be
     * there.
     */
    private void forgetDeletedBackups() throws IOException {
        if (damaged.stream().allMatch(found -> found.backupId().isEmpty())) {
            return;
        }
        try {
            ManifestListing there = repository.manifests().load();
            damaged.removeIf(
                    found ->
                            there.isComplete()
                                    && !found.backupId().isEmpty()
                                    && !there.items().containsKey(found.backupId()));
        } catch (IOException e) {
            Interruption.stopOn(e);
            damaged.add(Damaged.of("", e));
        }
    }

    /** Damage that no backup reaches is still told: a content may come into use again. */
    private void reportUnreferenced() {
        Set<String> reported = damaged.stream().map(Damaged::contentId).collect(Collectors.toSet());
        bad.forEach(
                (id, found) -> {
                    if (!reported.contains(id.toString())) {
                        damaged.add(found);
                    }
                });
    }
}
