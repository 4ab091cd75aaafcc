package io.varve.repository.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.blob.BlobId;
import io.varve.format.SeededBytes;
import io.varve.format.compress.Compression;
import io.varve.repository.Repository;
import io.varve.repository.content.DamageException;
import io.varve.repository.verify.VerifyReport.Damaged;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Goal: wherever one bit of a repository is wrong, verification tells in which blob and where, and
 * no restore ever gives other bytes than were backed up.
 *
 * <p>Method: the blobs are cut into regions by what their own structure says, so that each kind of
 * region gets its share however small it is. In each kind seeded positions are flipped in the
 * storage, one at a time; then everything is verified, and backups are restored.
 */
@TestInstance(Lifecycle.PER_CLASS)
class DamageTest {

    private static final int POSITIONS = 20;

    private static final Pattern PLACE = Pattern.compile("at byte (\\d+) of the blob: .*");

    private final SeededBytes random = new SeededBytes();
    private final List<Sample> samples = new ArrayList<>();
    private final List<Kind> kinds = new ArrayList<>();

    /** A small repository, open while it is damaged. */
    private record Sample(Compression compression, SmallRepository small, Repository repository) {}

    /** All regions of one kind in one repository. */
    record Kind(Sample sample, String name, List<Region> regions) {
        @Override
        public String toString() {
            return name + ", " + sample.compression();
        }
    }

    /** One wrong bit. */
    private record Flip(Sample sample, Region region, int position, int bit) {

        /** Now one, now the other: to restore both each time doubles what the test takes. */
        String anyBackup() {
            List<String> backups = sample.small().backups();
            return backups.get(bit % backups.size());
        }

        @Override
        public String toString() {
            return "bit %d of byte %d of %s (%s)"
                    .formatted(bit, position, region.blob(), region.kind());
        }
    }

    @BeforeAll
    void makeRepositories(@TempDir Path folder) throws IOException {
        for (Compression compression : List.of(Compression.NONE, Compression.ZSTD)) {
            SmallRepository small =
                    new SmallRepository(folder.resolve(compression.name()), compression, random);
            Sample sample = new Sample(compression, small, small.open());
            samples.add(sample);
            regionsOf(sample).stream()
                    .filter(
                            region ->
                                    compression == Compression.NONE
                                            || region.kind().startsWith("p compressed"))
                    .collect(Collectors.groupingBy(Region::kind, TreeMap::new, Collectors.toList()))
                    .forEach((name, regions) -> kinds.add(new Kind(sample, name, regions)));
        }
    }

    private static List<Region> regionsOf(Sample sample) throws IOException {
        List<Region> regions = new ArrayList<>();
        for (BlobId pack : sample.small().blobs("p")) {
            regions.addAll(Region.ofPack(sample.repository(), pack));
        }
        for (BlobId pack : sample.small().blobs("q")) {
            regions.addAll(Region.ofPack(sample.repository(), pack));
        }
        for (BlobId index : sample.small().blobs("xn")) {
            regions.add(Region.whole("index blob", index, length(sample, index)));
        }
        BlobId config = new BlobId("kopia.blobcfg");
        regions.add(Region.whole("blob config", config, length(sample, config)));
        regions.addAll(Region.ofFormatBlob(sample.repository()));
        return regions;
    }

    private static long length(Sample sample, BlobId blob) throws IOException {
        return sample.small().disk().get(blob).remaining();
    }

    @AfterAll
    void close() throws IOException {
        for (Sample sample : samples) {
            sample.repository().close();
        }
    }

    List<Kind> kinds() {
        return kinds;
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aWrongBitIsReportedAndNeverRestored(Kind kind) throws IOException {
        int regions = kind.regions().size();
        for (int i = 0; i < Math.max(POSITIONS, regions); i++) {
            Region region = kind.regions().get(i % regions);
            int position = (int) region.offset() + random.nextInt((int) region.length());
            Flip flip = new Flip(kind.sample(), region, position, random.nextInt(Byte.SIZE));
            try {
                flipped(flip);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(flip + ", " + random, e);
            }
        }
    }

    private void flipped(Flip flip) throws IOException {
        BlobId blob = flip.region().blob();
        ByteBuffer sound = flip.sample().small().disk().get(blob);
        ByteBuffer damaged = ByteBuffer.allocate(sound.remaining()).put(sound.duplicate()).flip();
        int at = flip.position();
        damaged.put(at, (byte) (damaged.get(at) ^ 1 << flip.bit()));
        flip.sample().small().disk().put(blob, damaged);
        try {
            check(flip);
        } finally {
            flip.sample().small().disk().put(blob, sound);
        }
    }

    private void check(Flip flip) throws IOException {
        Repository repository = flip.sample().repository();
        switch (flip.region().effect()) {
            case NONE -> assertSound(flip, repository);
            case REPORTED -> {
                assertReported(flip, repository);
                assertThat(failedRestore(repository, flip, flip.anyBackup())).isEmpty();
            }
            case REPORTED_AND_MISSED -> {
                assertReported(flip, repository);
                assertMissed(flip, repository);
            }
            case OPENS_NOT ->
                    assertThatThrownBy(() -> flip.sample().small().open())
                            .isInstanceOf(IOException.class)
                            .hasMessageContaining(flip.region().blob().value());
            case OPENS_NOT_OR_NONE -> {
                try (Repository opened = flip.sample().small().open()) {
                    assertSound(flip, opened);
                } catch (IOException e) {
                    assertThat(e).hasMessageContaining(flip.region().blob().value());
                }
            }
        }
    }

    private static void assertSound(Flip flip, Repository repository) throws IOException {
        assertThat(new Verifier(repository, 100).verifyAll().damaged()).isEmpty();
        assertThat(failedRestore(repository, flip, flip.anyBackup())).isEmpty();
    }

    private static void assertReported(Flip flip, Repository repository) throws IOException {
        VerifyReport report = new Verifier(repository, 100).verifyAll();
        assertThat(report.damaged()).isNotEmpty();
        for (Damaged damaged : report.damaged()) {
            assertThat(damaged.blob()).isEqualTo(flip.region().blob().value());
            Matcher place = PLACE.matcher(damaged.problem());
            assertThat(place.matches()).as(damaged.problem()).isTrue();
            assertThat(place.group(1)).isEqualTo(Long.toString(flip.region().thing()));
        }
    }

    /** Some backup does not restore, and its failure names the place. */
    private static void assertMissed(Flip flip, Repository repository) throws IOException {
        Optional<DamageException> failed = Optional.empty();
        for (String backup : flip.sample().small().backups().reversed()) {
            if (failed.isEmpty()) {
                failed = failedRestore(repository, flip, backup);
            }
        }
        assertThat(failed)
                .hasValueSatisfying(
                        e -> {
                            Region region = flip.region();
                            assertThat(e.damage().blob()).contains(region.blob().value());
                            assertThat(e.damage().blobOffset()).isEqualTo(region.thing());
                            assertThat(e)
                                    .hasMessageContaining(region.blob().value())
                                    .hasMessageContaining("at byte " + region.thing() + ":");
                        });
    }

    /** What keeps a backup from being restored; if nothing does, it is as it was. */
    private static Optional<DamageException> failedRestore(
            Repository repository, Flip flip, String backup) throws IOException {
        try {
            assertThat(flip.sample().small().restoredMismatch(repository, backup))
                    .as("first wrong byte of backup %s", backup)
                    .isEqualTo(-1);
            return Optional.empty();
        } catch (DamageException e) {
            return Optional.of(e);
        }
    }
}
