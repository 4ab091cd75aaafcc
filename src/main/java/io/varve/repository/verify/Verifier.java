package io.varve.repository.verify;

import io.varve.blob.BlobStorageException;
import io.varve.format.index.IndexEntry;
import io.varve.repository.Backup;
import io.varve.repository.Repository;
import io.varve.repository.content.ContentIndex;
import io.varve.repository.content.ContentReader;
import io.varve.repository.content.DamageException;
import io.varve.repository.verify.VerifyReport.Damaged;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Verifies backups of one repository. Damage is collected, not thrown: one bad block does not hide
 * the next. For one thread, one verification each.
 */
public final class Verifier {

    private final Repository repository;
    private final ContentReader reader;
    private final Packs packs;
    private final Sample sample;
    private final List<Damaged> damaged = new ArrayList<>();
    private long contentsChecked;
    private long bytesRead;

    /**
     * @param readPercent share of the data contents that is read, decrypted and hashed: 0 to 100;
     *     all that describes the data (manifests, directories, block tables) always is
     */
    public Verifier(Repository repository, double readPercent) throws IOException {
        this.repository = repository;
        this.reader = repository.newContentReader();
        this.packs = new Packs(repository.storage());
        this.sample = new Sample(readPercent, System.nanoTime());
    }

    /** Verifies the whole repository: every backup, every content, every pack's recovery index. */
    public VerifyReport verifyAll() throws IOException {
        List<Backup> backups = backups();
        Map<String, DamageException> bad = sample.isNothing() ? Map.of() : readContents();
        for (Backup backup : backups) {
            walk(backup, new KnownDamage(bad));
        }
        reportUnreferenced(bad);
        if (!sample.isNothing()) {
            checkTrailers();
        }
        return report(backups.size());
    }

    /** Verifies these backups, and nothing else. */
    public VerifyReport verify(List<String> ids) throws IOException {
        for (String id : ids) {
            walk(repository.backups().get(id), new ReadWhatIsMet(reader, sample));
        }
        return report(ids.size());
    }

    private VerifyReport report(int backups) {
        return new VerifyReport(backups, contentsChecked, bytesRead, damaged);
    }

    private List<Backup> backups() throws IOException {
        try {
            return repository.backups().list();
        } catch (DamageException e) {
            damaged.add(Damaged.of("", 0, 0, e));
            return List.of();
        }
    }

    /** Reads contents in the order of the index, each once, however many backups share it. */
    private Map<String, DamageException> readContents() throws IOException {
        Map<String, DamageException> bad = new TreeMap<>();
        ContentIndex index = repository.index();
        index.forEachLive(
                entry -> {
                    if (!sample.takes()) {
                        return;
                    }
                    try {
                        packs.check(entry);
                        bytesRead += read(reader, entry);
                    } catch (DamageException e) {
                        bad.put(entry.id().toString(), e);
                    }
                });
        return bad;
    }

    /** Reads a content, also if maintenance has just moved it to another pack. */
    private static long read(ContentReader reader, IndexEntry entry) throws IOException {
        try {
            return reader.read(entry).remaining();
        } catch (BlobStorageException.NotFound e) {
            return reader.read(entry.id()).remaining();
        }
    }

    private void walk(Backup backup, LeafCheck check) throws IOException {
        BackupWalk walk = new BackupWalk(repository, backup);
        walk.run(
                (entry, offset, length) -> {
                    contentsChecked++;
                    try {
                        packs.check(entry);
                        bytesRead += check.check(entry);
                    } catch (DamageException e) {
                        damaged.add(Damaged.of(backup.id(), offset, length, e));
                    }
                },
                damaged::add);
    }

    /** Damage that no backup reaches is still told: a content may come into use again. */
    private void reportUnreferenced(Map<String, DamageException> bad) {
        for (Map.Entry<String, DamageException> entry : bad.entrySet()) {
            if (damaged.stream().noneMatch(known -> known.contentId().equals(entry.getKey()))) {
                damaged.add(Damaged.of("", 0, 0, entry.getValue()));
            }
        }
    }

    private void checkTrailers() throws IOException {
        PackTrailerCheck trailers = new PackTrailerCheck(repository);
        for (Map.Entry<String, Long> pack : packs.lengths().entrySet()) {
            if (sample.takes()) {
                try {
                    trailers.check(pack.getKey(), pack.getValue());
                } catch (DamageException e) {
                    damaged.add(Damaged.of("", 0, 0, e));
                } catch (BlobStorageException.NotFound e) {
                    // Maintenance removed it since the listing; what is needed lies elsewhere now.
                }
            }
        }
    }

    /** What is done with each data content that a backup refers to. */
    private interface LeafCheck {
        /** Returns how many plain bytes were read. */
        long check(IndexEntry entry) throws IOException;
    }

    private record KnownDamage(Map<String, DamageException> bad) implements LeafCheck {
        @Override
        public long check(IndexEntry entry) throws IOException {
            DamageException known = bad.get(entry.id().toString());
            if (known != null) {
                throw known;
            }
            return 0;
        }
    }

    private record ReadWhatIsMet(ContentReader reader, Sample sample) implements LeafCheck {
        @Override
        public long check(IndexEntry entry) throws IOException {
            return sample.takes() ? read(reader, entry) : 0;
        }
    }
}
