package io.varve.repository.verify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.blob.BlobId;
import io.varve.blob.BlobStorageException;
import io.varve.blob.filesystem.FilesystemBlobStorage;
import io.varve.format.ContentId;
import io.varve.format.SeededBytes;
import io.varve.format.compress.Compression;
import io.varve.mover.block.ImageBackups;
import io.varve.repository.Backup;
import io.varve.repository.BackupListing;
import io.varve.repository.Repository;
import io.varve.repository.content.DamageException;
import io.varve.repository.content.WriteSession;
import io.varve.repository.verify.VerifyReport.Damaged;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What verification and restores make of blobs that are gone, cut, or nobody's. */
class LostAndForeignBlobsTest {

    private static final String MISSING_PACK = "at byte \\d+ of the blob: the pack is missing";

    @TempDir Path folder;

    private final SeededBytes random = new SeededBytes();
    private SmallRepository small;

    @BeforeEach
    void makeRepository() throws IOException {
        small = new SmallRepository(folder, Compression.ZSTD, random);
    }

    @Test
    void aMissingPackIsNamedForEachContentThatBackupsNeed() throws IOException {
        try (Repository repository = small.open()) {
            Set<String> notRestored = notRestored(repository);
            for (BlobId pack : packs()) {
                ByteBuffer sound = small.disk().get(pack);
                small.disk().delete(pack);
                List<Damaged> found = verify(repository);
                assertThat(found)
                        .isNotEmpty()
                        .allMatch(damaged -> damaged.blob().equals(pack.value()))
                        .allMatch(damaged -> !damaged.contentId().isEmpty())
                        .allMatch(damaged -> damaged.problem().matches(MISSING_PACK));
                boolean needed = found.stream().anyMatch(d -> !notRestored.contains(d.contentId()));
                assertThat(failedRestores(repository, pack).isEmpty()).isNotEqualTo(needed);
                small.disk().put(pack, sound);
            }
        }
    }

    @Test
    void aCutPackIsNamedWhereverItIsCut() throws IOException {
        try (Repository repository = small.open()) {
            for (BlobId pack : packs()) {
                ByteBuffer sound = small.disk().get(pack);
                int length = sound.remaining();
                for (int cut : new int[] {0, random.nextInt(length), length - 1}) {
                    small.disk().put(pack, sound.slice(0, cut));
                    assertThat(verify(repository))
                            .as("%s cut at %d, %s", pack, cut, random)
                            .isNotEmpty()
                            .allMatch(damaged -> damaged.blob().equals(pack.value()));
                    failedRestores(repository, pack);
                }
                small.disk().put(pack, sound);
            }
        }
    }

    @Test
    void aPackThatGoesWhileAllIsVerifiedIsDamageAndNoFailure() throws IOException {
        try (Repository repository = small.open()) {
            Verifier verifier = new Verifier(repository, 100);
            BlobId pack = small.blobs("p").getFirst();
            small.disk().delete(pack);
            assertThat(verifier.verifyAll().damaged())
                    .isNotEmpty()
                    .allMatch(damaged -> damaged.blob().equals(pack.value()));
        }
    }

    @Test
    void aBackupThatEndsWhileAllIsVerifiedIsNoDamage() throws IOException {
        try (Repository repository = small.open();
                Repository other = small.open()) {
            Verifier verifier = new Verifier(repository, 100);
            ImageBackups ours = new ImageBackups(other, "other", "volume-2");
            Path image = Files.write(folder.resolve("other.img"), random.next(100_000));
            ours.run(ours.full(image, "change-1"), 1);
            VerifyReport report = verifier.verifyAll();
            assertThat(report.damaged()).isEmpty();
            assertThat(report.backups()).isEqualTo(3);
        }
    }

    @Test
    void contentsOfAMissingIndexBlobAreReportedByTheBackupsThatNeedThem() throws IOException {
        Set<String> all = live();
        int unresolved = 0;
        for (BlobId index : small.blobs("xn")) {
            ByteBuffer sound = small.disk().get(index);
            small.disk().delete(index);
            Set<String> lost = new TreeSet<>(all);
            lost.removeAll(live());
            try (Repository repository = small.open()) {
                if (lost.stream().allMatch(id -> id.startsWith("m"))) {
                    // Without its manifest there is no backup: nothing is left that misses it.
                    assertThat(verify(repository)).isEmpty();
                } else {
                    unresolved++;
                    assertThat(verify(repository))
                            .isNotEmpty()
                            .allMatch(damaged -> lost.contains(damaged.contentId()))
                            .allMatch(damaged -> !damaged.backupId().isEmpty())
                            .allMatch(
                                    damaged ->
                                            damaged.problem()
                                                    .equals("no index blob says where it lies"));
                }
                for (Backup backup : repository.backups().list()) {
                    try {
                        assertThat(small.restoredMismatch(repository, backup.id())).isEqualTo(-1);
                    } catch (DamageException e) {
                        assertThat(lost).contains(e.damage().content().orElseThrow());
                    }
                }
            }
            small.disk().put(index, sound);
        }
        assertThat(unresolved).isGreaterThanOrEqualTo(small.backups().size());
    }

    @Test
    void aManifestContentThatIsNotGzipIsNamedWithItsPlace() throws IOException {
        ContentId content;
        try (Repository repository = small.open();
                WriteSession session = repository.newSession()) {
            content = session.storeMetadata('m', ByteBuffer.wrap("not gzip".getBytes(UTF_8)));
            session.finish();
        }
        try (Repository repository = small.open()) {
            BackupListing listing = repository.backups().listing();
            assertThat(listing.backups()).hasSameSizeAs(small.backups());
            assertThat(listing.damaged())
                    .singleElement()
                    .satisfies(e -> assertThat(e.damage().content()).contains(content.toString()));
            assertThat(verify(repository))
                    .singleElement()
                    .satisfies(
                            damaged -> {
                                assertThat(damaged.contentId()).isEqualTo(content.toString());
                                assertThat(damaged.blob()).startsWith("q");
                                assertThat(damaged.problem())
                                        .startsWith("at byte 32 of the blob: ")
                                        .contains("gzip");
                            });
        }
    }

    @Test
    void blobsOfUnknownNamesAreLeftAlone() throws IOException {
        List<String> names =
                List.of(
                        "z",
                        "x",
                        "xe",
                        "xeabc",
                        "xw",
                        "xn",
                        "xn0",
                        "xz0_1-c1",
                        "n0-1",
                        "m0",
                        "_log_1");
        for (String name : names) {
            small.disk().put(new BlobId(name), ByteBuffer.wrap(random.next(100)));
        }
        try (Repository repository = small.open()) {
            assertThat(verify(repository)).isEmpty();
            for (String backup : small.backups()) {
                assertThat(small.restoredMismatch(repository, backup)).isEqualTo(-1);
            }
        }
        for (String name : names) {
            assertThat(small.blobs(name)).contains(new BlobId(name));
        }
    }

    @Test
    void whatIsNamedLikeAPackAndIsNoneIsReportedForRecoveryWouldMeetIt() throws IOException {
        BlobId garbage = new BlobId("p0123456789abcdef0123456789abcdef-s0123456789abcdef147");
        small.disk().put(garbage, ByteBuffer.wrap(random.next(5000)));
        try (Repository repository = small.open()) {
            assertThat(verify(repository))
                    .singleElement()
                    .satisfies(
                            damaged -> {
                                assertThat(damaged.blob()).isEqualTo(garbage.value());
                                assertThat(damaged.problem()).contains("recovery index");
                            });
        }
    }

    @Test
    void aShardsFileWithGarbageIsNamedAndLeftAsItIs() throws IOException {
        Path root = Files.createDirectory(folder.resolve("repo"));
        Path shards = Files.writeString(root.resolve(".shards"), "garbage");
        assertThatThrownBy(() -> FilesystemBlobStorage.open(root))
                .isInstanceOf(BlobStorageException.Damaged.class)
                .hasMessageContaining(shards.toString());
        assertThat(shards).hasContent("garbage");
    }

    private List<BlobId> packs() {
        List<BlobId> packs = new ArrayList<>(small.blobs("p"));
        packs.addAll(small.blobs("q"));
        return packs;
    }

    /** A restore knows the block of zeros by its id, and needs no manifest but a backup's. */
    private static Set<String> notRestored(Repository repository) throws IOException {
        Set<String> ids = new TreeSet<>();
        ids.add(SmallRepository.zeroBlock(repository).toString());
        repository
                .index()
                .forEachLive(
                        entry -> {
                            if (Region.holdsNoBackup(repository, entry)) {
                                ids.add(entry.id().toString());
                            }
                        });
        return ids;
    }

    private Set<String> live() throws IOException {
        Set<String> live = new TreeSet<>();
        try (Repository repository = small.open()) {
            repository.index().forEachLive(entry -> live.add(entry.id().toString()));
        }
        return live;
    }

    private static List<Damaged> verify(Repository repository) throws IOException {
        return new Verifier(repository, 100).verifyAll().damaged();
    }

    /** Restores every backup; those that restore are as they were, the others name the blob. */
    private List<DamageException> failedRestores(Repository repository, BlobId blob)
            throws IOException {
        List<DamageException> failed = new ArrayList<>();
        for (String backup : small.backups()) {
            try {
                assertThat(small.restoredMismatch(repository, backup)).isEqualTo(-1);
            } catch (DamageException e) {
                assertThat(e.damage().blob()).contains(blob.value());
                failed.add(e);
            }
        }
        return failed;
    }
}
